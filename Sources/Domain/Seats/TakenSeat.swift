/// A seat that someone holds or has bought. A seat without such a row is free.
package struct TakenSeat: Row {
  package struct Key: Hashable, Sendable {
    package let date: DateID
    package let number: UInt32

    package init(date: DateID, number: UInt32) {
      self.date = date
      self.number = number
    }
  }

  package let key: Key
  package let user: UserID
  package let reservation: ReservationID
  /// When it is free again unless it is paid; nil once it is sold.
  package var until: Instant?

  package var group: DateID? { key.date }
  package var isSold: Bool { until == nil }

  package init(key: Key, user: UserID, reservation: ReservationID, until: Instant?) {
    self.key = key
    self.user = user
    self.reservation = reservation
    self.until = until
  }

  /// Whether nobody else can have it at `instant`.
  package func isTaken(at instant: Instant) -> Bool {
    guard let until else { return true }
    return instant < until
  }

  package var reservationKey: Reservation.Key { Reservation.Key(user: user, id: reservation) }
}

extension TakenSeat: StoredRow {
  package static let shape = TableShape(
    "taken_seats",
    key: [("date_id", .id), ("number", .integer)],
    columns: [("user_id", .id), ("reservation_id", .id), ("until_ms", .integer)],
    group: ["date_id"]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    key = Key(date: try columns.id(), number: try columns.count(of: Self.shape.name))
    user = try columns.id()
    reservation = try columns.id()
    until = try columns.optionalInstant()
  }

  package func write(to columns: inout some ColumnWriter) {
    Self.write(key, to: &columns)
    columns.id(user)
    columns.id(reservation)
    columns.instant(until)
  }

  package static func write(_ key: Key, to columns: inout some ColumnWriter) {
    columns.id(key.date)
    columns.integer(Int64(key.number))
  }

  package static func write(group: DateID, to columns: inout some ColumnWriter) {
    columns.id(group)
  }
}
