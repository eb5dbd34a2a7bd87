import Domain
import Ledger
import ServicesSupport
import StoreSupport
import Testing
import UsherCommand

@Suite("usher audit")
struct AuditCommandTests {
  @Test("A sale that went right is told so, check by check, and ends with 0")
  func right() async throws {
    try await Kept.run { kept in
      try await sell(kept)
      let transcript = Transcript()
      #expect(await transcript.run(["audit"] + kept.place, catalog: Schemas.usher) == .done)
      #expect(transcript.answers.first == "audit log-gaps 0 0 ok of 7 events")
      #expect(transcript.answers.contains("audit seats-sold 1 1 ok of 2 seats and lines"))
      #expect(transcript.answers.last == "audited up to offset 7: all is right")
      #expect(transcript.answers.dropLast().allSatisfy { $0.contains(" ok of ") })
      #expect(transcript.remarks.isEmpty)
    }
  }

  @Test("What is wrong is told with its case and offset, and ends with 5")
  func wrong() async throws {
    try await Kept.run { kept in
      let user = try await sell(kept)
      kept.parts.database.change { state in
        state.put(Wallet(user: user, balance: 901))
      }
      let transcript = Transcript()
      #expect(await transcript.run(["audit"] + kept.place, catalog: Schemas.usher) == .found)
      let broken = try #require(
        transcript.answers.firstIndex { $0.hasPrefix("audit tables-unlike-log 1 0 broken of ") }
      )
      #expect(
        transcript.answers[broken + 1]
          == "  at offset 6: balance of \(user) in wallets is 901, and by the log 900"
      )
      #expect(transcript.answers.last == "audited up to offset 7: 2 of 14 are broken")
    }
  }

  @Test("A line is audited by its gate's name, and says why one ticket stood behind another")
  func gate() async throws {
    try await Kept.run { kept in
      let ledger = kept.parts.ledger
      var policy = GatePolicy()
      policy.insideMax = 1
      let plan = GatePlan(name: "spring", policy: policy)
      let change = GateChange(by: "test")
      _ = try await ledger.submit(SetGate(plan: plan, change: change, seed: []))
      var tickets: [String] = []
      for name in ["Ada", "Bob"] {
        let user = try await ledger.submit(Register(id: nil, name: name)).outcome.id
        let entered = try await ledger.submit(Enter(gate: "spring", user: user))
        tickets.append(entered.outcome.ticket.id.description)
      }
      let transcript = Transcript()
      let line = ["audit", "gate", "spring"] + kept.place
      #expect(await transcript.run(line, catalog: Schemas.usher) == .done)
      #expect(transcript.answers.first == "audit gate-inversions 0 0 ok of 1 admissions")
      #expect(transcript.answers.last?.hasSuffix("while someone waited: 0 ms") == true)
      let why = Transcript()
      let asked = line + ["--why", tickets[1], "--behind", tickets[0]]
      #expect(await why.run(asked, catalog: Schemas.usher) == .done)
      #expect(why.answers.first?.hasSuffix("The second was committed earlier.") == true)
      let unknown = Transcript()
      let none = ["audit", "gate", "autumn"] + kept.place
      #expect(await unknown.run(none, catalog: Schemas.usher) == .failed)
    }
  }

  @Test("With --json it is one line, with every case")
  func json() async throws {
    try await Kept.run { kept in
      let user = try await sell(kept)
      kept.parts.database.change { $0.put(Wallet(user: user, balance: 901)) }
      let transcript = Transcript()
      let line = ["audit", "--json"] + kept.place
      #expect(await transcript.run(line, catalog: Schemas.usher) == .found)
      let answer = try #require(transcript.answers.first)
      #expect(transcript.answers.count == 1)
      #expect(answer.hasPrefix(#"{"offset":7,"ok":false,"audits":[{"name":"log-gaps","found":0,"#))
      #expect(
        answer.contains(#""wanted":0,"ok":false,"facts":9,"cases_total":1,"cases":[{"offset":6"#)
      )
    }
  }

  @Test("A server that has sold nothing is audited too")
  func nothing() async throws {
    try await Kept.run { kept in
      let transcript = Transcript()
      #expect(await transcript.run(["audit"] + kept.place, catalog: Schemas.usher) == .done)
      #expect(transcript.answers.last == "audited up to offset 0: all is right")
    }
  }

  @Test("Without keys it says which are missing, where, and ends with 4")
  func noKeys() async throws {
    let folder = try KeyFolder()
    let transcript = Transcript()
    let line = ["audit", "--data", folder.path]
    #expect(await transcript.run(line, catalog: Schemas.usher).rawValue == 4)
    #expect(
      transcript.remarks == [
        "usher: there is no operator key: \(folder.path)/operator.key",
        "  hint:   name the server's data directory with --data.",
      ]
    )
  }

  @Test("A key that the server does not know ends with 4")
  func strangeKey() async throws {
    try await Kept.run { kept in
      let folder = try KeyFolder()
      try folder.write("operator.key", "usher_operator_nobody\n")
      try folder.write("app.key", "usher_app_nobody\n")
      let transcript = Transcript()
      let line = ["audit", "--connect", kept.address, "--data", folder.path]
      #expect(await transcript.run(line, catalog: Schemas.usher).rawValue == 4)
      #expect(transcript.remarks.first?.contains("CREDENTIALS_INVALID") == true)
      #expect(
        transcript.remarks.last
          == "  hint:   \(folder.path)/operator.key was shown; "
          + "if another server wrote it, name this one's directory with --data."
      )
      #expect(!transcript.remarks.joined().contains("nobody"))
    }
  }

  /// Sells one seat for 100 to someone who has 1,000.
  @discardableResult
  private func sell(_ kept: Kept) async throws -> UserID {
    let ledger = kept.parts.ledger
    let now = kept.parts.database.clock
    let concert = try await ledger.submit(CreateConcert(plan: ConcertPlan(name: "Spring"))).outcome
    let times = DateTimes(
      opens: now.after(milliseconds: 2_000_000),
      closes: now.after(milliseconds: 3_000_000),
      bookingStarts: now,
      bookingEnds: now.after(milliseconds: 1_000_000)
    )
    let prices = try #require(SeatPrices(total: 5, price: 100))
    let date = try await ledger.submit(
      AddDate(concert: concert.id, times: times, prices: prices)
    ).outcome
    let user = try await ledger.submit(Register(id: nil, name: "Ada")).outcome.id
    let hold = Hold(user: user, date: date.id, choice: .seats([3]))
    _ = try await ledger.submit(Charge(user: user, amount: 1_000, description: "")).outcome
    let held = try await ledger.submit(hold).outcome.reservations.map(\.key.id)
    _ = try await ledger.submit(Pay(user: user, reservations: held))
    return user
  }
}
