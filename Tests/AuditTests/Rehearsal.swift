import Audit
import RPCCore
import ServicesSupport
import TestSupport
import UsherAPI
import Wire

/// What an audit is given: a log, and the tables that came of it.
struct Evidence: Sendable {
  var events: [Event]
  var chunks: [ExportChunk]

  /// Asks a server for both, as `usher audit` does.
  init(of house: House) throws {
    let desk = house.operator
    let app = house.app
    chunks = try house.run {
      var chunks: [ExportChunk] = []
      for try await chunk in desk.operators.export(.init()) { chunks.append(chunk) }
      return chunks
    }
    events = try house.run {
      var events: [Event] = []
      for try await event in app.events.subscribe(.init()) { events.append(event) }
      return events
    }
  }

  /// What an audit says of it.
  func verdicts() throws -> [Verdict] {
    var auditor = Auditor()
    for chunk in chunks { try auditor.take(chunk) }
    for event in events { auditor.take(event) }
    return try auditor.verdicts()
  }

  /// The checks that found something.
  func broken() throws -> [Check] {
    try verdicts().filter { !$0.isOk }.map(\.check)
  }
}

// MARK: - Planting faults

extension Evidence {
  /// Changes the first event that `change` says it has changed.
  mutating func changeEvent(_ change: (inout Event) -> Bool) {
    for index in events.indices where change(&events[index]) { return }
    preconditionFailure("there is no such event to change")
  }

  /// Changes the first row of a table that `change` says it has changed; nil takes the row away.
  mutating func changeRow<Row: Message>(
    of table: String,
    _ type: Row.Type,
    _ change: (Row) -> Change<Row>
  ) throws {
    for chunk in chunks.indices where chunks[chunk].table == table {
      for row in chunks[chunk].rows.indices {
        switch change(try Row(decoding: chunks[chunk].rows[row])) {
        case .none: continue
        case .into(let new): chunks[chunk].rows[row] = new.encoded()
        case .nothing: chunks[chunk].rows.remove(at: row)
        }
        return
      }
    }
    preconditionFailure("there is no such row in \(table)")
  }

  /// Every row of a table.
  func rows<Row: Message>(of table: String, _ type: Row.Type) throws -> [Row] {
    try chunks.filter { $0.table == table }.flatMap(\.rows).map { try Row(decoding: $0) }
  }

  enum Change<Row> {
    case none
    case into(Row)
    case nothing
  }

  /// Takes an event away as if it had never been: those after it move up.
  mutating func removeEvent(where isMeant: (Event) -> Bool) {
    guard let index = events.firstIndex(where: isMeant) else {
      preconditionFailure("there is no such event to remove")
    }
    events.remove(at: index)
    renumber()
  }

  /// Leaves an offset out, as if an event had been there.
  mutating func leaveOut(_ offset: UInt64) {
    for index in events.indices where events[index].offset >= offset { events[index].offset += 1 }
    for index in chunks.indices { chunks[index].offset += 1 }
  }

  /// Tells an event a second time, at the same offset.
  mutating func tellTwice(_ offset: Int) {
    events.insert(events[offset - 1], at: offset)
  }

  /// Tells an event a second time, as another one that follows it.
  mutating func tellAgain(_ isMeant: (Event) -> Bool) {
    guard let index = events.firstIndex(where: isMeant) else {
      preconditionFailure("there is no such event to tell again")
    }
    events.insert(events[index], at: index)
    renumber()
  }

  /// Numbers the events anew, so that nothing but what was planted is wrong.
  private mutating func renumber() {
    for index in events.indices { events[index].offset = UInt64(index) + 1 }
    for index in chunks.indices { chunks[index].offset = UInt64(events.count) }
  }
}

// MARK: - A small sale

extension House {
  /// A sale in which everything happens once: holds that are paid, lapsed, released and refunded, a
  /// date that is cancelled, an outage, and a line.
  static func afterSale() throws -> House {
    let house = try House()
    let date = try house.date(
      CreateConcertRequest(
        name: "Spring",
        holdTTLMs: 10_000,
        cancelUntilMs: house.now + 3_000_000
      )
    )
    let ada = try house.user(balance: 1_000)
    let bob = try house.user("Bob", balance: 500)
    let adas = try house.hold([2, 1, 3], of: date.id, by: ada)
    _ = try house.pay([adas[0], adas[1]], by: ada)
    let bobs = try house.hold([4, 5, 6], of: date.id, by: bob)
    let (app, appOfBob) = (house.app(for: ada), house.app(for: bob))
    try house.run {
      _ = try await app.reservations.cancel(.init(reservationID: adas[0]))
      _ = try await appOfBob.reservations.release(.init(reservationIDs: [bobs[0]]))
    }
    house.jump(milliseconds: 60_000)
    _ = try house.pay([bobs[1]], by: bob)
    house.pass(milliseconds: 10_000)
    _ = try house.hold([3], of: date.id, by: bob)
    let other = try house.date()
    _ = try house.pay(try house.hold([1, 2], of: other.id, by: bob), by: bob)
    _ = try house.hold([7], of: other.id, by: ada)
    try house.queue(at: "spring")
    let desk = house.operator
    try house.run {
      _ = try await desk.operators.cancelDate(.init(dateID: other.id))
      _ = try await app.users.delete(.init(userID: ada))
    }
    return house
  }

  /// A line of six through a gate of three: some come in, one leaves, and two miss their turn.
  private func queue(at gate: String) throws {
    let desk = self.operator
    let policy = GatePolicy(
      insideMax: 3,
      rateCount: 3,
      rateIntervalMs: 1_000,
      claimTTLMs: 3_000,
      returnGraceMs: 3_000
    )
    try run {
      _ = try await desk.operators.setGate(.init(name: gate, policy: policy))
      _ = try await desk.operators.pauseGate(.init(name: gate))
    }
    var people: [(user: String, token: String)] = []
    for number in 1...6 {
      let user = try user("Guest \(number)")
      let app = app(for: user)
      let entered = try run { try await app.gates.enter(.init(gate: gate)) }
      people.append((user, entered.queueToken))
    }
    let (first, fifth) = (showing(people[0]), showing(people[4]))
    try run {
      _ = try await desk.operators.resumeGate(.init(name: gate))
      _ = try await first.gates.claim(.init())
      _ = try await fifth.gates.leave(.init())
    }
    pass(milliseconds: 8_000)
  }

  private func showing(_ person: (user: String, token: String)) -> Guest {
    app(for: person.user, [("usher-token", person.token)])
  }
}
