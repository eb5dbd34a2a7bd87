/// One person's place in one gate, from the day they came to what became of it.
package struct Ticket: Row {
  /// The numbers are the API's.
  package enum State: Int64, Sendable {
    case waiting = 1
    /// Their turn: to be claimed in time.
    case admitted = 2
    /// Inside.
    case active = 3
    case done = 4
    case expired = 5
    case left = 6
    /// Their turn passed; for a while they may come back to their old place.
    case missed = 7

    package var isLiving: Bool {
      switch self {
      case .waiting, .admitted, .active, .missed: true
      case .done, .expired, .left: false
      }
    }

    /// Whether someone in it takes one of the places inside.
    package var isInside: Bool { self == .admitted || self == .active }
  }

  /// A user's living ticket in a gate: there is at most one.
  package struct Group: Hashable, Sendable {
    package let gate: String
    package let user: UserID

    package init(gate: String, user: UserID) {
      self.gate = gate
      self.user = user
    }
  }

  /// Where a living ticket stands in its gate.
  package struct Queue: Hashable, Sendable {
    package enum Kind: Int64, Sendable, CaseIterable {
      case waiting = 1
      case waitingWithPriority = 2
      /// Came before an opening that draws lots.
      case gathered = 3
      case gatheredWithPriority = 4
      /// Their state ends by itself: by when.
      case timed = 5
    }

    package let gate: String
    package let kind: Kind

    package init(_ kind: Kind, of gate: String) {
      self.kind = kind
      self.gate = gate
    }
  }

  package let id: TicketID
  package let gate: String
  /// Its sequence number: tickets of a gate are numbered from 1 in the order of their commits.
  package let number: UInt64
  package let user: UserID
  package let isPriority: Bool
  /// Whether it was given before an opening that draws lots.
  package let isGathered: Bool
  package private(set) var state: State
  /// Where it stands: those who wait by number, or if they come back from a draw by their lot; in the
  /// states that end by themselves, by when.
  package private(set) var place: Int64
  /// How often it has come back to the front.
  package var returns: Int64 = 0
  /// Its number among the gate's admissions, of the last one; 0 before.
  package var admission: UInt64 = 0
  /// Until when new holds may be begun, once it was claimed.
  package var sessionEnds: Instant?
  /// How long it can live at the most, once it was claimed.
  package var sessionMax: Instant?
  /// Seats that are held under it.
  package var holds: [ReservationID] = []
  package let entered: Instant
  package var updated: Instant
  /// Where in the log it was made.
  package let epoch: UInt64
  package let offset: UInt64

  package var key: TicketID { id }
  package var group: Group? { Group(gate: gate, user: user) }
  package var lane: TicketLane { isPriority ? .priority : .regular }

  package init(
    id: TicketID,
    gate: String,
    number: UInt64,
    user: UserID,
    isPriority: Bool,
    isGathered: Bool,
    entered: Instant,
    epoch: UInt64,
    offset: UInt64
  ) {
    self.id = id
    self.gate = gate
    self.number = number
    self.user = user
    self.isPriority = isPriority
    self.isGathered = isGathered
    state = .waiting
    place = Int64(clamping: number)
    self.entered = entered
    updated = entered
    self.epoch = epoch
    self.offset = offset
  }

  package var standing: Standing<Queue>? {
    switch state {
    case .waiting:
      let isDrawn = isGathered && returns == 0
      return Standing(Queue(isDrawn ? lane.gathered : lane.waiting, of: gate), place: place)
    case .admitted, .active, .missed:
      return Standing(Queue(.timed, of: gate), place: place)
    case .done, .expired, .left:
      return nil
    }
  }

  /// When its state ends by itself.
  package var until: Instant? {
    switch state {
    case .admitted, .active, .missed: Instant(milliseconds: place)
    case .waiting, .done, .expired, .left: nil
    }
  }

  /// The same, with more time for the state that it is in.
  package func later(by milliseconds: Int64) -> Ticket {
    var later = self
    if let until { later.place = until.after(milliseconds: milliseconds).milliseconds }
    later.sessionEnds = sessionEnds?.after(milliseconds: milliseconds)
    later.sessionMax = sessionMax?.after(milliseconds: milliseconds)
    return later
  }

  /// It waits, or waits again, at that place.
  mutating func wait(at place: Int64) {
    state = .waiting
    self.place = place
  }

  /// It is in a state that ends by itself.
  mutating func become(_ state: State, until: Instant) {
    self.state = state
    place = until.milliseconds
  }

  /// It has ended.
  mutating func end(as state: State) {
    self.state = state
    place = 0
  }
}

package typealias TicketID = ID<Ticket>

/// Who is served with whom.
package enum TicketLane: Int, Sendable, CaseIterable {
  case regular = 0
  case priority = 1

  var waiting: Ticket.Queue.Kind { self == .regular ? .waiting : .waitingWithPriority }
  package var gathered: Ticket.Queue.Kind { self == .regular ? .gathered : .gatheredWithPriority }
}

extension Ticket: StoredRow {
  package static let shape = TableShape(
    "tickets",
    key: [("id", .id)],
    columns: [
      ("gate", .text), ("number", .integer), ("user_id", .id), ("priority", .integer),
      ("gathered", .integer), ("state", .integer), ("queue", .integer), ("place", .integer),
      ("returns", .integer), ("admission", .integer), ("session_ends_ms", .integer),
      ("session_max_ms", .integer), ("holds", .bytes), ("entered_ms", .integer),
      ("updated_ms", .integer), ("epoch", .integer), ("log_offset", .integer),
    ],
    group: ["user_id", "gate"],
    groupFilter: isQueued,
    queue: TableShape.QueueShape(["gate", "queue"], place: "place", filter: isQueued)
  )

  /// Every living ticket stands in a queue, and no other.
  private static let isQueued = TableShape.Filter(
    "queue",
    in: Queue.Kind.allCases.map(\.rawValue)
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    let table = Self.shape.name
    id = try columns.id()
    gate = try columns.gateName(of: table)
    number = try columns.number()
    user = try columns.id()
    isPriority = try columns.flag(of: table)
    isGathered = try columns.flag(of: table)
    state = try columns.state(of: table)
    // Which queue it stands in follows from the rest; the column is there to find it by.
    _ = try columns.integer()
    place = try columns.integer()
    returns = try columns.integer()
    admission = try columns.number()
    sessionEnds = try columns.optionalInstant()
    sessionMax = try columns.optionalInstant()
    holds = try columns.ids(of: table)
    entered = try columns.instant()
    updated = try columns.instant()
    epoch = try columns.number()
    offset = try columns.number()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.id(id)
    columns.text(gate)
    columns.number(number)
    columns.id(user)
    columns.integer(isPriority ? 1 : 0)
    columns.integer(isGathered ? 1 : 0)
    columns.integer(state.rawValue)
    columns.integer(standing?.queue.kind.rawValue ?? 0)
    columns.integer(place)
    columns.integer(returns)
    columns.number(admission)
    columns.instant(sessionEnds)
    columns.instant(sessionMax)
    columns.ids(holds)
    columns.instant(entered)
    columns.instant(updated)
    columns.number(epoch)
    columns.number(offset)
  }

  package static func write(_ key: TicketID, to columns: inout some ColumnWriter) {
    columns.id(key)
  }

  package static func write(group: Group, to columns: inout some ColumnWriter) {
    columns.id(group.user)
    columns.text(group.gate)
  }

  package static func write(queue: Queue, to columns: inout some ColumnWriter) {
    columns.text(queue.gate)
    columns.integer(queue.kind.rawValue)
  }
}
