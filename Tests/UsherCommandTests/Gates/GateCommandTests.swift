import Testing
import UsherCommand
import Wire

@Suite("usher gate: looking and acting", .timeLimit(.minutes(5))) struct GateCommandTests {
  @Test("Gates are listed in columns for eyes, and with tabs for pipes") func list() async throws {
    try await Kept.run { kept in
      #expect(try await kept.answers("gate list") == [])
      #expect(
        try await kept.answers("gate list", onTerminal: true)
          == ["there is no gate; usher gate set NAME --inside N makes one"]
      )
      try await kept.openSale()
      #expect(
        try await kept.answers("gate list") == ["spring\tOPEN\t0\t0\t5\t1\t2026-05-28T20:26:40Z"]
      )
      #expect(
        try await kept.answers("gate list", onTerminal: true) == [
          "NAME    STANDS  WAITING  INSIDE  FREE  REVISION  CHANGED",
          "spring  OPEN    0        0       5     1         2026-05-28T20:26:40Z",
        ]
      )
      let json = try await kept.answers("gate list --json")
      #expect(json.count == 1)
      #expect(
        json.first?.hasPrefix(#"{"gates":[{"name":"spring","policy":{"inside_max":1,"#) == true
      )
    }
  }

  @Test("A gate is shown with its policy, its line, the wait, the stock and its last change")
  func show() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      #expect(
        try await kept.answers("gate show spring") == [
          "spring · OPEN · 20:26:40 UTC, server time · revision 1",
          "  policy   1 inside · any rate · claim 1m · session 10m, 15m at most · return grace 2m",
          "  line     0 waiting · 0 inside (0 not yet claimed) · 0 admitted since 20:26:40 UTC",
          "  binds    nothing binds",
          "  wait     none for a new arrival",
          "  over     0 bought · 0 ran out of time · 0 left · 0 missed a turn",
          "  stock    5 free · 0 held · 0 sold · 5 in all",
          "  changed  20:26:40 UTC by first: \"opening\"",
        ]
      )
      _ = try await kept.answers("enter spring --name Ada")
      let other = try KeyFolder(of: kept)
      _ = try await kept.answers("enter spring --name Bo", data: other.path)
      let shown = try await kept.answers("gate show spring")
      #expect(shown[0].hasPrefix("spring · OPEN, QUEUEING · "))
      #expect(
        shown[2].hasPrefix("  line     1 waiting · 1 inside (0 not yet claimed) · 1 admitted")
      )
      #expect(shown[3] == "  binds    as many are inside as may be")
      #expect(shown[4].hasSuffix(": people stay long"))
      let json = try await kept.answers("gate show spring --json")
      #expect(json.count == 1)
      #expect(json.first?.contains(#""waiting":"1","active":"1""#) == true)
    }
  }

  @Test(
    "What is asked of a gate that is not there is refused, with what helps",
    arguments: ["show", "pause", "resume", "drain --yes", "watch"]
  )
  func notThere(verb: String) async throws {
    try await Kept.run { kept in
      let (code, transcript) = await kept.run("gate \(verb) nowhere")
      #expect(code == .answered(.notFound))
      #expect(transcript.answers.isEmpty)
      #expect(
        transcript.remarks == [
          "usher: GATE_NOT_FOUND: there is no gate nowhere",
          "  hint:   usher gate list lists them; usher gate set NAME makes one.",
        ]
      )
    }
  }

  @Test("A gate is paused, resumed and drained, and each tells the way back")
  func change() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      #expect(
        try await kept.answers("gate pause spring --message \"a moment\" --reason \"slow till\"")
          == [
            "spring · PAUSED · revision 2",
            "  0 keep their places; 0 inside can finish",
            "  back: usher gate resume spring",
          ]
      )
      let shown = try await kept.answers("gate show spring")
      #expect(shown.contains("  says     \"a moment\""))
      #expect(
        shown.last
          == "  changed  20:26:40 UTC by first: \"slow till\"   back: usher gate resume spring"
      )
      #expect(
        try await kept.answers("gate resume spring") == [
          "spring · OPEN · revision 3", "  0 waiting; nothing binds",
          "  back: usher gate pause spring",
        ]
      )
      #expect(
        try await kept.answers("gate drain spring --yes").first == "spring · DRAINED · revision 4"
      )
      let (code, transcript) = await kept.run("enter spring --name Ada")
      #expect(code == .answered(.failedPrecondition))
      #expect(
        transcript.remarks.last
          == "  hint:   whoever is in line is still served; to take others too: usher gate resume "
          + "spring"
      )
    }
  }

  @Test("A change under a key is done once, and only at the revision that was seen")
  func once() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      for _ in 0..<2 {
        let answers = try await kept.answers("gate pause spring --key one --if-revision 1")
        #expect(answers.first == "spring · PAUSED · revision 2")
      }
      let (code, transcript) = await kept.run("gate resume spring --if-revision 1")
      #expect(code == .answered(.aborted))
      #expect(transcript.remarks.last == "  hint:   look what is there now: usher gate show spring")
    }
  }

  @Test("A drain asks first, takes anything but yes for no, and asks nobody in a script")
  func asking() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      let (scripted, script) = await kept.run("gate drain spring")
      #expect(scripted == .usage)
      #expect(script.remarks.last == "  hint:   --yes says yes to it.")
      let (refused, asked) = await kept.run(
        "gate drain spring",
        onTerminal: true,
        input: TypedInput(["\n"])
      )
      #expect(refused == .failed)
      #expect(asked.remarks.last == "left as it is")
      #expect(try await kept.answers("gate list").first?.hasPrefix("spring\tOPEN") == true)
      let (done, _) = await kept.run(
        "gate drain spring",
        onTerminal: true,
        input: TypedInput(["Yes\n"])
      )
      #expect(done == .done)
      #expect(try await kept.answers("gate list").first?.hasPrefix("spring\tDRAINED") == true)
    }
  }

  @Test("A watch is a line each time in a pipe, and one that lives on a terminal")
  func watch() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      let line =
        "20:26:40 UTC · OPEN · 0 waiting · 0 inside (0 not yet claimed) · wait none · 5 free"
      let watch = "gate watch spring --every 1ms --count 2"
      #expect(try await kept.answers(watch) == [line, line])
      #expect(
        try await kept.answers(watch, onTerminal: true) == [line, "\u{1B}[1A\u{1B}[2K" + line]
      )
      #expect(try await kept.answers(watch + " --no-color", onTerminal: true) == [line, line])
      let json = try await kept.answers(watch + " --json")
      #expect(json.count == 2)
      #expect(json.allSatisfy { $0.hasPrefix(#"{"name":"spring""#) })
    }
  }

  @Test("A ticket's story is told with its offsets; one that is not there is refused")
  func explain() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      let entered = try await kept.answers("enter spring --name Ada --json")
      let ticket = try #require(
        entered.first?.firstMatch(of: /"ticket_id":"([0-9a-f-]{36})"/)?.1
      )
      let told = try await kept.answers("gate explain \(ticket)")
      #expect(told.first?.hasPrefix("ticket \(ticket) · inside until ") == true)
      #expect(told.count > 2)
      #expect(told.dropFirst().first?.contains("entered gate spring as number 1") == true)
      let (code, transcript) = await kept.run("gate explain 0199c0de-0000-7000-8000-000000000001")
      #expect(code == .answered(.invalidArgument))
      #expect(transcript.remarks.first?.hasPrefix("usher: FIELD_INVALID: ticket_id") == true)
    }
  }

  @Test("A noun alone is told its verbs, and a gate's name is not guessed") func words() async {
    let transcript = Transcript()
    #expect(await transcript.run("concert") == .usage)
    #expect(
      transcript.remarks == [
        "usher: \"concert\" takes one word more",
        "  hint:   usher concert list, usher concert create",
      ]
    )
    let nameless = Transcript()
    #expect(await nameless.run("gate show") == .usage)
    #expect(nameless.remarks == ["usher: which gate?", "  hint:   usher gate list lists them."])
    let misspelt = Transcript()
    #expect(await misspelt.run("gate pasue spring") == .usage)
    #expect(
      misspelt.remarks == ["usher: no command \"gate pasue\"; a similar one exists: gate pause"]
    )
  }
}
