import Glibc
import Testing
import UsherCommand
import Wire

@Suite("Buying by hand", .timeLimit(.minutes(5))) struct BuyingTests {
  @Test("From the line to a seat of one's own, each step telling the next") func walk() async throws
  {
    try await Kept.run { kept in
      try await kept.openSale()
      let entered = try await kept.answers("enter spring --name Ada --wait")
      #expect(
        entered[0].hasPrefix("Ada (")
          && entered[0].contains(") stands in line for spring; kept in ")
      )
      #expect(entered[1] == "  inside until 20:36:40 UTC")
      #expect(entered[2] == "  next: usher dates CONCERT")
      #expect(
        try await kept.answers("dates Spr").first?.hasPrefix(
          "1\t2026-06-01T19:00:00Z\t5\t0\t0\t100\t"
        )
          == true
      )
      #expect(try await kept.answers("seats 1").count == 5)
      #expect(
        try await kept.answers("hold 1 2-3") == [
          "held seats 2, 3 for 200 until 20:31:40 UTC (5m)",
          "  next: the balance is 0: usher charge 200, then usher pay",
        ]
      )
      #expect(
        try await kept.answers("seats 1 --all", onTerminal: true) == [
          "3 free of 5 · 100 each", "  1  ○ ◐ ◐ ○ ○", "  ○ free  ◐ held  ■ sold",
        ]
      )
      let (short, unpaid) = await kept.run("pay")
      #expect(short == .answered(.failedPrecondition))
      #expect(
        unpaid.remarks == [
          "usher: INSUFFICIENT_BALANCE: 200 is due and the balance is 0",
          "  hint:   usher charge AMOUNT, then usher pay again: the hold goes on.",
        ]
      )
      #expect(
        try await kept.answers("charge 250") == [
          "charged 250; the balance is 250", "  next: usher pay",
        ]
      )
      let paid = try await kept.answers("pay")
      #expect(paid[0].hasPrefix("paid 200; the balance is 50; payment "))
      #expect(paid[1] == "  seat 2 of Spring, 2026-06-01 19:00:00 UTC: 100")
      #expect(paid[3...] == ["  the turn at spring is over", "  next: usher history"])
      let (_, over) = await kept.run("dates Spring")
      #expect(
        over.remarks.last == "  hint:   stand in line first: usher enter spring --wait"
      )
      let history = try await kept.answers("history")
      #expect(
        history.map { $0.prefix { $0 != "\t" } } == [
          "payment", "reservation", "reservation", "entry", "entry",
        ]
      )
      #expect(try await kept.answers("history --json").count == 3)
      #expect(try await kept.answers("gate show spring")[5].hasPrefix("  over     1 bought"))
    }
  }

  @Test("What is kept is for its owner's eyes only, and is taken up by who asks again")
  func kept() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      let old = umask(0)
      defer { umask(old) }
      let first = try await kept.answers("enter spring --name Ada --json")
      var status = stat()
      #expect(stat("\(kept.data)/buyer.json", &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
      // By the same name, and by none, it is the same person in the same place.
      for line in ["enter spring --name Ada --json", "enter spring --json"] {
        let again = try await kept.answers(line)
        #expect(again[0].contains(#""existing":true"#))
        let ticket = try #require(first[0].firstMatch(of: /"ticket_id":"[0-9a-f-]{36}"/)).0
        #expect(again[0].contains(ticket))
      }
      let (code, transcript) = await kept.run("enter spring --name Ada --user nobody")
      #expect(code == .usage)
      #expect(transcript.remarks.first?.hasSuffix("not both") == true)
    }
  }

  @Test(
    "Whoever is refused somewhere else keeps their place, and buys on",
    arguments: [
      "enter autumn --name Bo", "enter spring --user nobody",
    ]
  )
  func elsewhere(line: String) async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      let first = try await kept.answers("enter spring --name Ada --json")
      let (code, _) = await kept.run(line)
      #expect(code != .done)
      let again = try await kept.answers("enter spring --name Ada --json")
      let ticket = try #require(first[0].firstMatch(of: /"ticket_id":"[0-9a-f-]{36}"/)).0
      #expect(again[0].contains(ticket))
    }
  }

  @Test("A file that says something else is told, and left alone") func damaged() async throws {
    let folder = try KeyFolder()
    try folder.write("app.key", "usher_app_nobody\n")
    try folder.write("buyer.json", "no")
    let transcript = Transcript()
    let line = ["leave", "--data", folder.path]
    #expect(await transcript.run(line, catalog: Schemas.usher) == .failed)
    #expect(
      transcript.remarks == [
        "usher: \(folder.path)/buyer.json does not say who buys: it holds something else",
        "  hint:   take it away, and begin with usher enter GATE.",
      ]
    )
  }

  @Test("Who waits is told their place as it changes, and comes in when another leaves")
  func waiting() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      _ = try await kept.answers("enter spring --name Ada")
      let bo = try KeyFolder(of: kept)
      let entered = try await kept.answers("enter spring --name Bo", data: bo.path)
      #expect(entered[1].hasPrefix("  number 2, 0 ahead, wait "))
      #expect(entered[2] == "  next: usher enter spring --wait")
      let (refused, early) = await kept.run("dates Spring", data: bo.path)
      #expect(refused == .answered(.failedPrecondition))
      #expect(early.remarks.last == "  hint:   wait for it: usher enter spring --wait")
      let transcript = Transcript()
      let line = ["enter", "spring", "--wait", "--connect", kept.address, "--data", bo.path]
      async let code = transcript.run(line, catalog: Schemas.usher)
      await transcript.wait { $0.answers.count >= 2 }
      let left = try await kept.answers("leave")
      #expect(
        left == [
          "left spring, as number 1; seats held are free again", "  next: usher enter spring",
        ]
      )
      #expect(await code == .done, "\(transcript.remarks)")
      #expect(transcript.answers.suffix(2).first == "  inside until 20:36:40 UTC")
      #expect(try await kept.answers("dates Spring", data: bo.path).count == 1)
    }
  }

  @Test(
    "What the sale refuses keeps the server's sentence, and has a hint and the status's exit code",
    arguments: [
      ("enter autumn --name Ada", 69, "GATE_NOT_FOUND", "usher gate list lists them; "),
      ("seats 0199c0de-0000-7000-8000-000000000001", 69, "DATE_NOT_FOUND", "usher dates CONCERT"),
      ("hold 1 9", 69, "SEAT_NOT_FOUND", "see which are free: usher seats DATE --all"),
      ("hold 1 --best 6", 73, "NOT_ENOUGH_SEATS", "see which are free: "),
      ("pay 0199c0de-0000-7000-8000-000000000001", 69, "RESERVATION_NOT_FOUND", "usher history "),
      ("concert create Autumn --gate autumn", 69, "GATE_NOT_FOUND", "usher gate list lists them; "),
      (
        "date add 0199c0de-0000-7000-8000-000000000001 --opens 2026-06-01T19:00:00Z --price 1", 69,
        "CONCERT_NOT_FOUND", "usher concert list lists them."
      ),
    ] as [(String, Int32, String, String)]
  )
  func refused(line: String, code: Int32, name: String, hint: String) async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      _ = try await kept.answers("enter spring --name Ada")
      _ = try await kept.answers("dates Spring")
      let (ended, transcript) = await kept.run(line)
      #expect(ended.rawValue == code)
      #expect(transcript.answers.isEmpty)
      #expect(transcript.remarks.first?.hasPrefix("usher: \(name): ") == true)
      #expect(transcript.remarks.last?.hasPrefix("  hint:   \(hint)") == true)
    }
  }

  @Test("A seat that someone has is refused to everyone else") func taken() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      _ = try await kept.answers("enter spring --name Ada")
      _ = try await kept.answers("dates Spring")
      _ = try await kept.answers("hold 1 --best 2")
      let (code, transcript) = await kept.run("hold 1 1")
      #expect(code == .answered(.failedPrecondition))
      #expect(transcript.remarks.first?.hasPrefix("usher: SEAT_TAKEN: seat 1 of date ") == true)
      #expect(
        transcript.remarks.last == "  hint:   see which are free: usher seats DATE --all"
      )
    }
  }

  @Test(
    "Who has not entered is told where to begin",
    arguments: [
      ("enter spring", 2, "usher: who enters?"),
      ("dates Spring", 4, "usher: TOKEN_MISSING: gate spring guards this concert"),
      ("dates Autumn", 2, "usher: no concert is called \"Autumn\""),
      ("seats 1", 2, "usher: there is no date 1 in the list that usher dates printed last"),
      ("hold 1 1", 2, "usher: nobody buys yet"),
      ("charge 5", 2, "usher: nobody buys yet"),
      ("pay", 2, "usher: nobody buys yet"),
      ("history", 2, "usher: nobody buys yet"),
      ("leave", 2, "usher: there is no place to leave"),
    ] as [(String, Int32, String)]
  )
  func nobody(line: String, code: Int32, remark: String) async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      let (ended, transcript) = await kept.run(line)
      #expect(ended.rawValue == code)
      #expect(transcript.remarks.first?.hasPrefix(remark) == true, "\(transcript.remarks)")
      #expect(transcript.remarks.last?.hasPrefix("  hint:   ") == true)
    }
  }

  @Test("A charge under a key is made once, however often it is asked for") func once() async throws
  {
    try await Kept.run { kept in
      try await kept.openSale()
      _ = try await kept.answers("enter spring --name Ada")
      for _ in 0..<2 {
        let answers = try await kept.answers("charge 5 --key one")
        #expect(answers == ["charged 5; the balance is 5", "  next: usher history"])
      }
    }
  }

  @Test("Without the app's key it says which is missing, and ends with 4") func noKey() async throws
  {
    let folder = try KeyFolder()
    let transcript = Transcript()
    let line = ["enter", "spring", "--data", folder.path]
    #expect(await transcript.run(line, catalog: Schemas.usher).rawValue == 4)
    #expect(transcript.remarks.first == "usher: there is no app key: \(folder.path)/app.key")
  }
}

@Suite("usher concert and usher date", .timeLimit(.minutes(5))) struct SetUpTests {
  @Test("A concert and its dates are made and listed") func made() async throws {
    try await Kept.run { kept in
      try await kept.openSale()
      let made = try await kept.answers("concert create \"Open air\" --minutes 90 --hold 10m")
      #expect(made[0].hasPrefix("Open air · open to all · "))
      #expect(made[1].hasPrefix("  next: usher date add "))
      let listed = try await kept.answers("concert list", onTerminal: true)
      #expect(listed[0].hasPrefix("CONCERT   PLACE   GATE    ID"))
      #expect(listed[1].hasPrefix("Spring    Hall 1  spring  "))
      #expect(listed[2].hasPrefix("Open air          -       "))
      let added = try await kept.answers(
        "date add \"Open air\" --opens 2026-06-01T19:00:00Z --price 100 --seats 20 "
          + "--booking-from 2026-05-01T00:00:00Z "
          + "--seat-price 1-10=300"
      )
      #expect(added[0].hasPrefix("20 seats · opens 2026-06-01 19:00:00 UTC · 100 to 300 each · "))
    }
  }

  @Test(
    "What is missing is told before any server is asked",
    arguments: [
      ("concert create", "a title has to be named"),
      ("date add Spring --price 1", "--opens is missing: when is it?"),
      (
        "date add Spring --opens +1h",
        "--price is missing: what does a seat cost? 0 is a price as well"
      ),
      (
        "date add Spring --opens +1h --price 1 --seat-price 3",
        "--seat-price: 3: FROM-TO=N goes here, such as 1-10=9000"
      ),
    ]
  )
  func missing(line: String, message: String) async {
    let transcript = Transcript()
    #expect(await transcript.run(line) == .usage)
    #expect(transcript.remarks.first == "usher: \(message)")
  }
}
