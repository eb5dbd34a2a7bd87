/// One seat of a payment, as it was when it was paid.
package struct PaymentLine: Row {
  package struct Key: Hashable, Sendable {
    package let payment: Payment.Key
    package let reservation: ReservationID

    package init(payment: Payment.Key, reservation: ReservationID) {
      self.payment = payment
      self.reservation = reservation
    }
  }

  package enum State: Int64, Sendable {
    case paid = 1
    case refunded = 2
  }

  package let key: Key
  package let concert: ConcertID
  package let concertName: String
  package let date: DateID
  package let opens: Instant
  package let closes: Instant
  package let seat: UInt32
  package let amount: Int64
  package var state: State

  package var group: Payment.Key? { key.payment }

  init(of reservation: Reservation, in payment: Payment.Key, concert: Concert, date: ConcertDate) {
    key = Key(payment: payment, reservation: reservation.key.id)
    self.concert = concert.id
    concertName = concert.name
    self.date = date.id
    opens = date.opens
    closes = date.closes
    seat = reservation.seat
    amount = reservation.price
    state = .paid
  }

  package init(
    key: Key,
    concert: ConcertID,
    concertName: String,
    date: DateID,
    opens: Instant,
    closes: Instant,
    seat: UInt32,
    amount: Int64,
    state: State
  ) {
    self.key = key
    self.concert = concert
    self.concertName = concertName
    self.date = date
    self.opens = opens
    self.closes = closes
    self.seat = seat
    self.amount = amount
    self.state = state
  }
}

extension PaymentLine: StoredRow {
  package static let shape = TableShape(
    "payment_lines",
    key: [("user_id", .id), ("payment_id", .id), ("reservation_id", .id)],
    columns: [
      ("concert_id", .id), ("concert_name", .text), ("date_id", .id), ("opens_ms", .integer),
      ("closes_ms", .integer), ("seat", .integer), ("amount", .integer), ("state", .integer),
    ],
    group: ["user_id", "payment_id"]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    let payment = Payment.Key(user: try columns.id(), id: try columns.id())
    key = Key(payment: payment, reservation: try columns.id())
    concert = try columns.id()
    concertName = try columns.text()
    date = try columns.id()
    opens = try columns.instant()
    closes = try columns.instant()
    seat = try columns.count(of: Self.shape.name)
    amount = try columns.integer()
    state = try columns.state(of: Self.shape.name)
  }

  package func write(to columns: inout some ColumnWriter) {
    Self.write(key, to: &columns)
    columns.id(concert)
    columns.text(concertName)
    columns.id(date)
    columns.instant(opens)
    columns.instant(closes)
    columns.integer(Int64(seat))
    columns.integer(amount)
    columns.integer(state.rawValue)
  }

  package static func write(_ key: Key, to columns: inout some ColumnWriter) {
    Payment.write(key.payment, to: &columns)
    columns.id(key.reservation)
  }

  package static func write(group: Payment.Key, to columns: inout some ColumnWriter) {
    Payment.write(group, to: &columns)
  }
}

extension [PaymentLine] {
  /// The lines in the order of their seats: the one in which a payment is told, whoever asks.
  package var inOrder: [PaymentLine] {
    sorted { ($0.seat, $0.key.reservation) < ($1.seat, $1.key.reservation) }
  }
}
