/// One performance of a concert, and what its seats cost.
///
/// Seats are not rows of their own as long as nobody has taken them: a date says how many there are
/// and at what price, and only a ``TakenSeat`` is written down.
package struct ConcertDate: Row {
  package let id: DateID
  package let concert: ConcertID
  package var opens: Instant
  package var closes: Instant
  package var bookingStarts: Instant
  package var bookingEnds: Instant
  package let prices: SeatPrices
  package let created: Instant
  package var updated: Instant
  package var deleted: Instant?

  package var key: DateID { id }
  package var group: ConcertID? { concert }

  /// Whether it can be booked at `instant`.
  package func isBookable(at instant: Instant) -> Bool {
    deleted == nil && bookingStarts <= instant && instant < bookingEnds
  }

  package init(
    id: DateID,
    concert: ConcertID,
    times: DateTimes,
    prices: SeatPrices,
    created: Instant
  ) {
    self.id = id
    self.concert = concert
    opens = times.opens
    closes = times.closes
    bookingStarts = times.bookingStarts
    bookingEnds = times.bookingEnds
    self.prices = prices
    self.created = created
    updated = created
  }
}

package typealias DateID = ID<ConcertDate>

/// When a date is, and when it can be booked: from the start until before the end.
package struct DateTimes: Sendable, Hashable {
  package var opens: Instant
  package var closes: Instant
  package var bookingStarts: Instant
  package var bookingEnds: Instant

  package init(opens: Instant, closes: Instant, bookingStarts: Instant, bookingEnds: Instant) {
    self.opens = opens
    self.closes = closes
    self.bookingStarts = bookingStarts
    self.bookingEnds = bookingEnds
  }

  func check() throws(Interruption) {
    guard opens < closes else {
      throw .no(.fieldInvalid, "closes_ms: must be after opens_ms")
    }
    guard bookingStarts < bookingEnds else {
      throw .no(.fieldInvalid, "booking_ends_ms: must be after booking_starts_ms")
    }
    guard bookingEnds <= closes else {
      throw .no(.fieldInvalid, "booking_ends_ms: must not be after closes_ms")
    }
  }
}

extension ConcertDate: StoredRow {
  package static let shape = TableShape(
    "dates",
    key: [("id", .id)],
    columns: [
      ("concert_id", .id), ("opens_ms", .integer), ("closes_ms", .integer),
      ("booking_starts_ms", .integer), ("booking_ends_ms", .integer), ("prices", .bytes),
      ("created_ms", .integer), ("updated_ms", .integer), ("deleted_ms", .integer),
    ],
    group: ["concert_id"]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    id = try columns.id()
    concert = try columns.id()
    opens = try columns.instant()
    closes = try columns.instant()
    bookingStarts = try columns.instant()
    bookingEnds = try columns.instant()
    guard let prices = SeatPrices(bytes: try columns.bytes()) else {
      throw DamagedRow(table: Self.shape.name, problem: "the prices cannot be read")
    }
    self.prices = prices
    created = try columns.instant()
    updated = try columns.instant()
    deleted = try columns.optionalInstant()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.id(id)
    columns.id(concert)
    columns.instant(opens)
    columns.instant(closes)
    columns.instant(bookingStarts)
    columns.instant(bookingEnds)
    columns.bytes(prices.bytes)
    columns.instant(created)
    columns.instant(updated)
    columns.instant(deleted)
  }

  package static func write(group: ConcertID, to columns: inout some ColumnWriter) {
    columns.id(group)
  }
}
