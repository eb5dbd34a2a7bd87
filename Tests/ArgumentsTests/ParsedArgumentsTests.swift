import Arguments
import Testing

@Suite("Arguments of a command line") struct ParsedArgumentsTests {
  static let flags = [
    Flag("listen", "ADDRESS", mayRepeat: true, help: "where"),
    Flag("drain", "DURATION", help: "how long"),
    Flag("help", isSetting: false, help: "explain"),
  ]

  private func parse(_ line: String) throws(UsageError) -> ParsedArguments {
    try ParsedArguments(line.split(separator: " ").map(String.init), flags: Self.flags)
  }

  @Test("Words and flags may come in any order") func order() throws {
    let parsed = try parse("one --drain 5s two --listen=a --listen b -h")
    #expect(parsed.words == ["one", "two"])
    #expect(parsed["drain"] == "5s")
    #expect(parsed.values["listen"] == ["a", "b"])
    #expect(parsed.has("help") && !parsed.has("version"))
  }

  @Test("Behind two dashes all are words, and one dash is a word")
  func dashes() throws {
    #expect(try parse("- -- --drain").words == ["-", "--drain"])
  }

  @Test(
    "A mistake is told, with what would help",
    arguments: [
      ("--listne a", "there is no flag --listne", "a similar one exists: --listen"),
      ("--quiet", "there is no flag --quiet", nil),
      ("--drain", "--drain needs a value", "--drain DURATION"),
      ("--drain --help", "--drain needs a value", "--drain DURATION"),
      ("--drain 1s --drain 2s", "--drain was given twice", nil),
      ("--help=yes", "--help takes no value", nil),
    ] as [(String, String, String?)]
  )
  func mistakes(line: String, message: String, hint: String?) {
    #expect(throws: UsageError(message, hint: hint)) { try parse(line) }
  }
}

@Suite("Durations as people write them") struct DurationTests {
  @Test(
    "Each unit is read and written",
    arguments: [
      ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)),
      ("2h", .seconds(7200)), ("0ms", .zero), ("90s", .seconds(90)),
    ] as [(String, Duration)]
  )
  func units(text: String, duration: Duration) throws {
    #expect(try Duration(parsing: text) == duration)
    #expect(duration.shortText == text)
  }

  @Test(
    "What is not a duration is refused",
    arguments: ["", "5", "s", "-1s", "1.5s", "1d", "99999999999999999999s", "9223372036854775h"]
  )
  func refused(text: String) {
    #expect(throws: UsageError.self) { try Duration(parsing: text) }
  }

  @Test("Where the unit is missing, seconds are offered")
  func noUnit() {
    let error = #expect(throws: UsageError.self) { try Duration(parsing: "5") }
    #expect(error?.hint == "for seconds, 5s.")
  }
}

@Suite("Configuration files") struct ConfigurationFileTests {
  private func read(_ text: String) -> ConfigurationFile {
    ConfigurationFile(text, name: "usher.conf", flags: ParsedArgumentsTests.flags)
  }

  @Test("Entries have a key, a value and a place; comments and blanks have none")
  func entries() {
    let file = read("# ours\n\n  listen = 127.0.0.1:1 # loopback\r\ndrain=5s")
    #expect(file.errors.isEmpty)
    #expect(file.entries.map(\.key) == ["listen", "drain"])
    #expect(file.entries.map(\.value) == ["127.0.0.1:1", "5s"])
    #expect(file.entries.map(\.place) == ["usher.conf:3:3", "usher.conf:4:1"])
  }

  @Test("Every mistake is told, each with its place")
  func mistakes() {
    let file = read("lisen = a\ndrain\n  drain =\nhelp = true\n")
    #expect(
      file.errors.map(\.description) == [
        "usher.conf:1:1: unknown key \"lisen\"; a similar key exists: listen",
        "usher.conf:2:1: a line is KEY = VALUE",
        "usher.conf:3:3: a line is KEY = VALUE",
        "usher.conf:4:1: unknown key \"help\"",
      ]
    )
  }

  @Test("What may be set once is a mistake the second time, and what may repeat is not")
  func twice() {
    let file = read("drain = 1s\nlisten = a\nlisten = b\n drain = 2s\n")
    #expect(file.entries.map(\.value) == ["1s", "a", "b"])
    #expect(
      file.errors.map(\.description) == ["usher.conf:4:2: drain was set before, on line 1"]
    )
  }
}

@Suite("Help") struct HelpTests {
  @Test("It says what, how, for example, and with which flags, in that order")
  func order() {
    let help = Help(
      summary: "It seats.",
      usage: "seat [flags]",
      examples: ["seat --drain 1s"],
      commands: [("one", "Does one."), ("three", "Does three.")],
      flags: ParsedArgumentsTests.flags
        + [Flag("config", "FILE", isSetting: false, help: "settings")],
      notes: ["That is all."]
    )
    #expect(
      help.text == """
        It seats.

        usage: seat [flags]

        examples
          seat --drain 1s

        commands
          one    Does one.
          three  Does three.

        flags
          --listen ADDRESS  where
          --drain DURATION  how long
          --help            explain
          --config FILE     settings

        the same as variables, and as keys in the configuration file
          --listen  USHER_LISTEN  listen
          --drain   USHER_DRAIN   drain

        That is all.
        """
    )
  }

  @Test("Of a configuration file only a program speaks that has one")
  func noConfiguration() {
    let help = Help(summary: "It seats.", usage: "seat", flags: ParsedArgumentsTests.flags)
    #expect(
      help.text.hasSuffix(
        """
          --help            explain

        the same as variables
          --listen  USHER_LISTEN
          --drain   USHER_DRAIN
        """
      )
    )
  }
}
