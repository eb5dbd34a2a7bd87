/// How a gate's line stands: what moves with every batch, apart from what its operator says.
package struct Line: Row {
  package let gate: String
  /// The last ticket's number; 0 before the first.
  package var lastNumber: UInt64 = 0
  /// How many wait in each lane.
  package var waiting = Lanes<UInt64>(0, 0)
  /// Admitted and not come yet.
  package var admitted: UInt64 = 0
  /// Claimed and inside.
  package var active: UInt64 = 0
  /// How many inside hold seats.
  package var holding: UInt64 = 0
  /// How many were ever admitted, those who came back each time; the last admission's number.
  package var admissions: UInt64 = 0
  /// The first admission that is still written down.
  package var firstKept: UInt64 = 1
  package var missedTotal: UInt64 = 0
  package var doneTotal: UInt64 = 0
  package var expiredTotal: UInt64 = 0
  package var leftTotal: UInt64 = 0
  /// Admissions while both lanes waited, and how many of them the priority lane was given.
  package var contested: UInt64 = 0
  package var given: UInt64 = 0
  /// A chain over all who came before an opening that draws lots, which goes into the draw.
  package var gatheredDigest: [UInt8] = []
  /// How far the draw was gone through in each lane: the last one that was looked at.
  package var drawn = Lanes<TicketID?>(nil, nil)

  package var key: String { gate }

  package init(gate: String) {
    self.gate = gate
  }

  package var waitingTotal: UInt64 { waiting[.regular] + waiting[.priority] }
  package var inside: UInt64 { admitted + active }
}

/// One value for each lane.
package struct Lanes<Value: Sendable>: Sendable {
  private var regular: Value
  private var priority: Value

  package init(_ regular: Value, _ priority: Value) {
    self.regular = regular
    self.priority = priority
  }

  package subscript(lane: TicketLane) -> Value {
    get { lane == .regular ? regular : priority }
    set { if lane == .regular { regular = newValue } else { priority = newValue } }
  }
}

extension Lanes: Equatable where Value: Equatable {}
extension Lanes: Hashable where Value: Hashable {}

extension Line: StoredRow {
  package static let shape = TableShape(
    "lines",
    key: [("gate", .text)],
    columns: [
      ("last_number", .integer), ("waiting_regular", .integer), ("waiting_priority", .integer),
      ("admitted", .integer), ("active", .integer), ("holding", .integer),
      ("admissions", .integer), ("first_kept", .integer), ("missed_total", .integer),
      ("done_total", .integer), ("expired_total", .integer), ("left_total", .integer),
      ("contested", .integer), ("given", .integer), ("gathered_digest", .bytes),
      ("drawn_regular", .id), ("drawn_priority", .id),
    ]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    gate = try columns.gateName(of: Self.shape.name)
    lastNumber = try columns.number()
    waiting = Lanes(try columns.number(), try columns.number())
    admitted = try columns.number()
    active = try columns.number()
    holding = try columns.number()
    admissions = try columns.number()
    firstKept = try columns.number()
    missedTotal = try columns.number()
    doneTotal = try columns.number()
    expiredTotal = try columns.number()
    leftTotal = try columns.number()
    contested = try columns.number()
    given = try columns.number()
    gatheredDigest = try columns.bytes()
    drawn = Lanes(try columns.optionalID(), try columns.optionalID())
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.text(gate)
    columns.number(lastNumber)
    columns.number(waiting[.regular])
    columns.number(waiting[.priority])
    columns.number(admitted)
    columns.number(active)
    columns.number(holding)
    columns.number(admissions)
    columns.number(firstKept)
    columns.number(missedTotal)
    columns.number(doneTotal)
    columns.number(expiredTotal)
    columns.number(leftTotal)
    columns.number(contested)
    columns.number(given)
    columns.bytes(gatheredDigest)
    columns.optionalID(drawn[.regular])
    columns.optionalID(drawn[.priority])
  }

  package static func write(_ key: String, to columns: inout some ColumnWriter) {
    columns.text(key)
  }
}

extension WorkingSet {
  /// The line of a gate that is there.
  mutating func line(of gate: Gate) throws(Interruption) -> Line {
    try gateLines.find(gate.name) ?? Line(gate: gate.name)
  }
}
