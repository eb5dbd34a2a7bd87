import Domain
import RPCCore
import ServicesSupport
import UsherAPI
import Wire

// What is refused for a line's sake.

extension Provocation {
  static let lining = showing + entering + waiting + deciding

  // MARK: - What is shown

  private static let showing = [
    Provocation(.tokenMissing, "a place without a queue token") {
      let house = try House()
      let ada = house.app(for: try house.user())
      return Answer(
        failure: try house.failure { try await ada.gates.check(.init()) },
        names: ["queue token"]
      )
    },
    Provocation(.tokenMissing, "dates behind a gate, without an entry token") {
      let house = try House()
      try house.setGate()
      let concert = try house.guardedDate().concertID
      let ada = house.app(for: try house.user())
      return Answer(
        failure: try house.failure { try await ada.concerts.listDates(.init(concertID: concert)) },
        names: ["gate west"]
      )
    },
    Provocation(.tokenMissing, "a hold behind a gate, without an entry token") {
      let house = try House()
      try house.setGate()
      let date = try house.guardedDate().id
      let ada = house.app(for: try house.user())
      let request = HoldRequest(dateID: date, seatNumbers: [1])
      return Answer(
        failure: try house.failure { try await ada.reservations.hold(request) },
        names: ["gate west"]
      )
    },
    Provocation(.tokenInvalid, "a queue token that someone changed") {
      let house = try House()
      try house.setGate()
      let ada = try house.visitor()
      let token = try ada.enter().queueToken
      let other = token.dropLast() + (token.hasSuffix("A") ? "B" : "A")
      let forger = house.app(for: ada.user, [(Metadata.Key.token, String(other))])
      return Answer(
        failure: try house.failure { try await forger.gates.check(.init()) },
        names: ["no token of a line"]
      )
    },
    Provocation(.tokenInvalid, "a queue token of an earlier epoch") {
      let house = try House()
      try house.setGate()
      let ada = try house.visitor()
      try ada.enter()
      try house.change { try await $0.newEpoch(.init(name: "west")) }
      let queued = ada.queued
      return Answer(
        failure: try house.failure { try await queued.gates.claim(.init()) },
        names: ["earlier epoch", "Enter"]
      )
    },
    Provocation(.tokenInvalid, "an entry token where a queue token is wanted") {
      let house = try House()
      try house.setGate()
      let ada = try house.visitor()
      try ada.enter()
      let inside = ada.inside
      return Answer(
        failure: try house.failure { try await inside.gates.check(.init()) },
        names: ["queue token", "entry token"]
      )
    },
    Provocation(.tokenWrongGate, "the dates behind another gate") {
      let (ada, date) = try elsewhere()
      let inside = ada.inside
      return Answer(
        failure: try ada.house.failure {
          try await inside.concerts.listDates(.init(concertID: date.concertID))
        },
        names: ["gate east"]
      )
    },
    Provocation(.tokenWrongGate, "a hold behind another gate") {
      let (ada, date) = try elsewhere()
      return Answer(
        failure: try ada.refusalOfHold(1, of: date.id),
        names: ["gate west", "east"]
      )
    },
  ]

  /// Someone inside one gate, and a date that another guards.
  private static func elsewhere() throws -> (Visitor, UsherAPI.ConcertDate) {
    let house = try House()
    try house.setGate("west")
    try house.setGate("east")
    let ada = try house.visitor(at: "west")
    try ada.enter()
    return (ada, try house.guardedDate("east"))
  }

  // MARK: - Coming

  private static let entering = [
    Provocation(.gateNotFound, "a line that nobody made") {
      let house = try House()
      let ada = house.app(for: try house.user())
      return Answer(
        failure: try house.failure { try await ada.gates.enter(.init(gate: "north")) },
        names: ["north"]
      )
    },
    Provocation(.gateNotOpen, "a millisecond before the thirty days that a line gathers") {
      let house = try House()
      let opens = house.now + 30 * 86_400_000 + 1
      try house.setGate { $0.opensMs = opens }
      let ada = house.app(for: try house.user())
      return Answer(
        failure: try house.failure { try await ada.gates.enter(.init(gate: "west")) },
        names: ["west", "\(opens) ms", "\(house.now + 1) ms"]
      )
    },
    Provocation(.gateDrained, "a newcomer at a gate that lets its line run out") {
      let house = try House()
      try house.setGate()
      try house.change { try await $0.drainGate(.init(name: "west", message: "come tomorrow")) }
      let ada = house.app(for: try house.user())
      return Answer(
        failure: try house.failure { try await ada.gates.enter(.init(gate: "west")) },
        names: ["west", "come tomorrow"]
      )
    },
    Provocation(.alreadyInLine, "a second ticket, by one who asked to be refused then") {
      let house = try House()
      try house.setGate()
      let ada = try house.visitor()
      try ada.enter()
      let outside = ada.outside
      return Answer(
        failure: try house.failure {
          try await outside.gates.enter(.init(gate: "west", failIfExists: true))
        },
        names: [ada.ticket, "number 1", "west"]
      )
    },
  ]

  // MARK: - Whose turn it is

  private static let waiting = [
    Provocation(.notAdmitted, "a claim by someone who waits") {
      let line = try lineBehindOne()
      let queued = line[1].queued
      return Answer(
        failure: try line[1].house.failure { try await queued.gates.claim(.init()) },
        names: [line[1].ticket, "number 2"]
      )
    },
    Provocation(.notAdmitted, "dates, by someone who shows a queue token") {
      let line = try lineBehindOne()
      let concert = try line[1].house.guardedDate().concertID
      let queued = line[1].queued
      return Answer(
        failure: try line[1].house.failure {
          try await queued.concerts.listDates(.init(concertID: concert))
        },
        names: ["queue token", "Claim"]
      )
    },
    Provocation(.ticketEnded, "a claim by someone who has left") {
      let line = try lineBehindOne()
      try line[1].leave()
      let queued = line[1].queued
      return Answer(
        failure: try line[1].house.failure { try await queued.gates.claim(.init()) },
        names: [line[1].ticket]
      )
    },
    Provocation(.ticketEnded, "dates, by someone who has left") {
      let line = try lineBehindOne()
      let concert = try line[0].house.guardedDate().concertID
      try line[0].leave()
      let inside = line[0].inside
      return Answer(
        failure: try line[0].house.failure {
          try await inside.concerts.listDates(.init(concertID: concert))
        },
        names: [line[0].ticket]
      )
    },
    Provocation(.ticketEnded, "a hold by someone who has left") {
      let line = try lineBehindOne()
      let date = try line[0].house.guardedDate()
      try line[0].leave()
      return Answer(
        failure: try line[0].refusalOfHold(1, of: date.id),
        names: [line[0].ticket]
      )
    },
    Provocation(.sessionOver, "a new hold at the very end of the session") {
      let house = try House()
      try house.setGate("west", .init(sessionTTLMs: 10_000))
      let date = try house.guardedDate()
      let ada = try house.visitor()
      try ada.enter()
      try ada.hold([1], of: date.id)
      let end = house.now + 10_000
      house.pass(milliseconds: 10_000)
      return Answer(
        failure: try ada.refusalOfHold(2, of: date.id),
        names: [ada.ticket, "\(end) ms"]
      )
    },
  ]

  /// Two at a gate that lets one in.
  private static func lineBehindOne() throws -> [Visitor] {
    let house = try House()
    try house.setGate("west", .init(insideMax: 1))
    return try house.line(of: 2)
  }

  // MARK: - What operators ask for

  private static let deciding = [
    contradiction(
      "people who ask as seldom as they are told, and lose their places",
      .init(claimTTLMs: 10_000, returnGraceMs: 19_999, askAgainMaxMs: 20_000),
      "claim_ttl_ms 10000 + return_grace_ms 19999 = 29999",
      "1.5 x ask_again_max_ms 20000 = 30000"
    ),
    contradiction(
      "a session that is longer than anyone may stay",
      .init(sessionTTLMs: 60_001, sessionMaxMs: 60_000),
      "session_max_ms 60000",
      "session_ttl_ms 60001"
    ),
    contradiction(
      "an interval that is too short to count in",
      .init(rateCount: 1, rateIntervalMs: 999),
      "rate_interval_ms 999",
      "1000"
    ),
    contradiction(
      "more than the whole for the priority lane",
      .init(prioritySharePercent: 101),
      "priority_share_percent 101",
      "100"
    ),
    contradiction(
      "who asks again sooner than later",
      .init(askAgainMinMs: 2_000, askAgainMaxMs: 1_999),
      "ask_again_min_ms 2000",
      "ask_again_max_ms 1999"
    ),
    contradiction(
      "a floor above the ceiling",
      .init(adaptive: .init(floorPerInterval: 5, ceilingPerInterval: 4, targetP99Ms: 10)),
      "floor_per_interval 5",
      "4"
    ),
    Provocation(.policyContradicts, "a contradiction that was only tried") {
      let house = try House()
      let desk = house.operator.operators
      let request = SetGateRequest(
        name: "west",
        policy: .init(sessionTTLMs: 2, sessionMaxMs: 1),
        dryRun: true
      )
      return Answer(
        failure: try house.failure { try await desk.setGate(request) },
        names: ["session_max_ms 1", "session_ttl_ms 2"]
      )
    },
    Provocation(.fieldInvalid, "a dry run of a gate whose name cannot be") {
      let house = try House()
      let desk = house.operator.operators
      let request = SetGateRequest(name: "no such/name", dryRun: true)
      return Answer(failure: try house.failure { try await desk.setGate(request) }, names: ["name"])
    },
    revision("a change", dryRun: false),
    revision("a dry run", dryRun: true),
    Provocation(.revisionChanged, "a pause by who saw an earlier gate") {
      let house = try House()
      try house.setGate()
      try house.setGate()
      let desk = house.operator.operators
      return Answer(
        failure: try house.failure { try await desk.pauseGate(.init(name: "west", ifRevision: 1)) },
        names: ["west", "revision 2", "not at 1"]
      )
    },
  ]

  private static func contradiction(
    _ title: String,
    _ policy: UsherAPI.GatePolicy,
    _ names: String...
  ) -> Provocation {
    Provocation(.policyContradicts, title) {
      let house = try House()
      let desk = house.operator.operators
      let request = SetGateRequest(name: "west", policy: policy)
      return Answer(failure: try house.failure { try await desk.setGate(request) }, names: names)
    }
  }

  private static func revision(_ what: String, dryRun: Bool) -> Provocation {
    Provocation(.revisionChanged, "\(what) by who saw an earlier gate") {
      let house = try House()
      try house.setGate()
      try house.setGate()
      let desk = house.operator.operators
      let request = SetGateRequest(name: "west", ifRevision: 1, dryRun: dryRun)
      return Answer(
        failure: try house.failure { try await desk.setGate(request) },
        names: ["west", "revision 2", "not at 1"]
      )
    }
  }
}
