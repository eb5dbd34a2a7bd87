/// One seat that someone held, and what came of it.
package struct Reservation: Row {
  /// A user's reservations of one date that are held or paid.
  package struct Group: Hashable, Sendable {
    package let user: UserID
    package let date: DateID

    package init(user: UserID, date: DateID) {
      self.user = user
      self.date = date
    }
  }

  package enum State: Int64, Sendable {
    case pending = 1
    case paid = 2
    case cancelled = 3
    case lapsed = 4
  }

  package let key: OwnedKey<Reservation>
  /// Those held together.
  package let hold: HoldID
  package let concert: ConcertID
  package let date: DateID
  package let seat: UInt32
  package let price: Int64
  /// Under which ticket it was held; nil where no gate guarded the concert.
  package let ticket: TicketID?
  package var state: State
  package let created: Instant
  package var expires: Instant
  package var updated: Instant
  package var payment: PaymentID?

  package var group: Group? { Group(user: key.user, date: date) }
  package var seatKey: TakenSeat.Key { TakenSeat.Key(date: date, number: seat) }

  package init(
    key: Key,
    hold: HoldID,
    concert: ConcertID,
    date: DateID,
    seat: UInt32,
    price: Int64,
    ticket: TicketID? = nil,
    created: Instant,
    expires: Instant
  ) {
    self.key = key
    self.hold = hold
    self.concert = concert
    self.date = date
    self.seat = seat
    self.price = price
    self.ticket = ticket
    state = .pending
    self.created = created
    self.expires = expires
    updated = created
  }

  /// Whether the seat is the user's at `instant`, held or bought.
  package func isLive(at instant: Instant) -> Bool {
    switch state {
    case .pending: instant < expires
    case .paid: true
    case .cancelled, .lapsed: false
    }
  }
}

package typealias ReservationID = ID<Reservation>
/// Seats that were held in one step.
package enum HeldTogether {}
package typealias HoldID = ID<HeldTogether>

extension Reservation: StoredRow {
  package static let shape = TableShape(
    "reservations",
    key: [("user_id", .id), ("id", .id)],
    columns: [
      ("hold_id", .id), ("concert_id", .id), ("date_id", .id), ("seat", .integer),
      ("price", .integer), ("state", .integer), ("created_ms", .integer),
      ("expires_ms", .integer), ("updated_ms", .integer), ("payment_id", .id),
      ("ticket_id", .id),
    ],
    group: ["user_id", "date_id"],
    groupFilter: TableShape.Filter("state", in: [State.pending.rawValue, State.paid.rawValue])
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    key = Key(user: try columns.id(), id: try columns.id())
    hold = try columns.id()
    concert = try columns.id()
    date = try columns.id()
    seat = try columns.count(of: Self.shape.name)
    price = try columns.integer()
    state = try columns.state(of: Self.shape.name)
    created = try columns.instant()
    expires = try columns.instant()
    updated = try columns.instant()
    payment = try columns.optionalID()
    ticket = try columns.optionalID()
  }

  package func write(to columns: inout some ColumnWriter) {
    Self.write(key, to: &columns)
    columns.id(hold)
    columns.id(concert)
    columns.id(date)
    columns.integer(Int64(seat))
    columns.integer(price)
    columns.integer(state.rawValue)
    columns.instant(created)
    columns.instant(expires)
    columns.instant(updated)
    columns.optionalID(payment)
    columns.optionalID(ticket)
  }

  package static func write(group: Group, to columns: inout some ColumnWriter) {
    columns.id(group.user)
    columns.id(group.date)
  }
}

extension Reservation: OwnedRow {
  package static var stateColumn: String? { "state" }
}
