import Testing
import UsherCommand
import Wire

@Suite("usher help and mistakes") struct HelpAndMistakeTests {
  @Test(
    "Help is given wherever it is asked for",
    arguments: ["help", "--help", "-h", "--nonsense -h"]
  )
  func help(line: String) async {
    let transcript = Transcript()
    #expect(await transcript.run(line) == .done)
    #expect(transcript.answers.first?.contains("usage: usher COMMAND [flags]") == true)
    #expect(transcript.remarks.isEmpty)
  }

  @Test(
    "A command explains itself, whatever else was typed",
    arguments: [
      "help health", "health --help", "health one two three --whatever -h", "--data keys health -h",
    ]
  )
  func helpOfCommand(line: String) async {
    let transcript = Transcript()
    #expect(await transcript.run(line) == .done)
    #expect(transcript.answers.first?.contains("usage: usher health [SERVICE] [flags]") == true)
  }

  @Test("A noun explains its verbs", arguments: ["help gate", "gate --help", "gate -h"])
  func helpOfNoun(line: String) async {
    let transcript = Transcript()
    #expect(await transcript.run(line) == .done)
    let lines = transcript.answers.first?.split(separator: "\n") ?? []
    #expect(lines.contains("usage: usher gate COMMAND [flags]"))
    #expect(lines.contains { $0.hasPrefix("  gate pause ") })
    #expect(!lines.contains { $0.hasPrefix("  concert ") })
  }

  @Test("Without a command, help goes to whoever reads mistakes")
  func nothing() async {
    let transcript = Transcript()
    #expect(await transcript.run("") == .usage)
    #expect(transcript.answers.isEmpty)
    #expect(transcript.remarks.first?.hasPrefix("usher asks and tells") == true)
  }

  @Test(
    "A mistake is told with what is near, and is not run",
    arguments: [
      ("helth", ["usher: no command \"helth\"; a similar one exists: health"]),
      ("gat pause", ["usher: no command \"gat pause\"; a similar one exists: gate pause"]),
      ("zzz", ["usher: no command \"zzz\"", "  hint:   usher help lists them all."]),
      ("help helth", ["usher: no command \"helth\"; a similar one exists: health"]),
      (
        "health --jsn",
        ["usher: there is no flag --jsn", "  hint:   a similar one exists: --json"]
      ),
      ("help --watch", ["usher: usher help takes no --watch"]),
      (
        "health a b",
        [
          "usher: usher health does not know what to do with \"b\"",
          "  hint:   usage: usher health [SERVICE] [flags]",
        ]
      ),
      (
        "health --connect 7411",
        ["usher: --connect: 7411: an address is HOST:PORT or unix:PATH"]
      ),
      (
        "health --timeout soon",
        ["usher: --timeout: soon: a duration is a number with its unit: 250ms, 30s, 5m, 1h"]
      ),
      (
        "health --timeout 5",
        [
          "usher: --timeout: 5: a duration is a number with its unit: 250ms, 30s, 5m, 1h",
          "  hint:   for seconds, 5s.",
        ]
      ),
      (
        "health --timeout 0s",
        ["usher: --timeout: 0s: nothing is answered in no time"]
      ),
      (
        "health --connect 127.0.0.1:65536",
        ["usher: --connect: 127.0.0.1:65536: a port is a number from 0 to 65535"]
      ),
      (
        "health --connect http://here:7411/health",
        [
          "usher: --connect: http://here:7411/health: an address is HOST:PORT or unix:PATH",
          "  hint:   it is no URL: here:7411",
        ]
      ),
      (
        "health --connect https://here",
        [
          "usher: --connect: https://here: an address is HOST:PORT or unix:PATH",
          "  hint:   it is no URL: here:PORT",
        ]
      ),
    ] as [(String, [String])]
  )
  func mistakes(line: String, remarks: [String]) async {
    let transcript = Transcript()
    #expect(await transcript.run(line) == .usage)
    #expect(transcript.remarks == remarks)
    #expect(transcript.answers.isEmpty)
  }

  @Test("The variable is read where the flag is not given, and named when it is wrong")
  func variable() async {
    let transcript = Transcript()
    #expect(await transcript.run("health", environment: ["USHER_CONNECT": "here"]) == .usage)
    #expect(
      transcript.remarks == ["usher: USHER_CONNECT: here: an address is HOST:PORT or unix:PATH"]
    )
  }

  @Test("A variable that no program of ours knows is worth a warning, and no more")
  func strangers() async {
    let transcript = Transcript()
    let environment = ["USHER_CONECT": "here", "USHER_DRAIN": "1s", "HOME": "/"]
    #expect(await transcript.run("help", environment: environment) == .done)
    #expect(
      transcript.remarks == [
        "warning: unknown variable USHER_CONECT; a similar one exists: USHER_CONNECT"
      ]
    )
  }

  @Test("The version is one line") func version() async {
    let transcript = Transcript()
    #expect(await transcript.run("--version") == .done)
    #expect(transcript.answers.count == 1)
    #expect(transcript.answers.first?.hasPrefix("usher ") == true)
  }

  @Test(
    "A status has an exit code of its own, but for those about keys",
    arguments: [(0, 0), (5, 69), (7, 4), (8, 72), (16, 4), (99, 127)] as [(UInt32, Int32)]
  )
  func exitCodes(status: UInt32, code: Int32) {
    #expect(ExitCode.answered(.init(rawValue: status)).rawValue == code)
  }
}
