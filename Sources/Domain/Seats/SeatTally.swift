/// How many seats of a date are taken: kept by every step that takes or frees one, so that nobody
/// has to count.
package struct SeatTally: Row {
  package let date: DateID
  package private(set) var held: UInt32 = 0
  package private(set) var sold: UInt32 = 0

  package var key: DateID { date }
  package var taken: UInt64 { UInt64(held) + UInt64(sold) }

  package init(date: DateID) {
    self.date = date
  }

  // Whatever the rows say, nothing here traps: an audit tells what does not add up.

  package mutating func hold(_ seats: Int) {
    held = UInt32(clamping: Int(held) + seats)
  }

  /// A held seat was bought.
  mutating func sell() {
    held = UInt32(clamping: Int(held) - 1)
    sold = UInt32(clamping: Int(sold) + 1)
  }

  /// A seat that was held, or sold, is free again.
  mutating func free(sold wasSold: Bool) {
    if wasSold {
      sold = UInt32(clamping: Int(sold) - 1)
    } else {
      held = UInt32(clamping: Int(held) - 1)
    }
  }
}

extension SeatTally: StoredRow {
  package static let shape = TableShape(
    "seat_tallies",
    key: [("date_id", .id)],
    columns: [("held", .integer), ("sold", .integer)]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    date = try columns.id()
    held = try columns.count(of: Self.shape.name)
    sold = try columns.count(of: Self.shape.name)
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.id(date)
    columns.integer(Int64(held))
    columns.integer(Int64(sold))
  }

  package static func write(_ key: DateID, to columns: inout some ColumnWriter) {
    columns.id(key)
  }
}

extension WorkingSet {
  /// Changes a date's tally.
  mutating func tally(
    of date: DateID,
    _ change: (inout SeatTally) -> Void
  ) throws(Interruption) {
    var tally = try tallies.find(date) ?? SeatTally(date: date)
    change(&tally)
    tallies.put(tally)
  }

  /// The free seats of all that a gate guards and that can be booked at `now`; nil if it guards
  /// nothing.
  mutating func freeSeats(
    behind gate: String,
    at now: Instant
  ) throws(Interruption) -> UInt64? {
    // A concert that was given another gate is still remembered with the first.
    let concerts = try concerts.find(groupOf: gate).filter { $0.gate == gate && $0.deleted == nil }
    guard !concerts.isEmpty else { return nil }
    // Asked for all together, however many there are.
    for concert in concerts { dates.want(groupOf: concert.id) }
    var bookable: [ConcertDate] = []
    for concert in concerts {
      bookable += try dates.find(groupOf: concert.id).filter { $0.isBookable(at: now) }
    }
    for date in bookable { tallies.want(date.id) }
    var free: UInt64 = 0
    for date in bookable {
      free += UInt64(date.prices.total).minus(try tallies.find(date.id)?.taken ?? 0)
    }
    return free
  }
}
