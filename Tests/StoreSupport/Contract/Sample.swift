internal import Domain
internal import Ledger

/// Rows as sales have them.
enum Sample {
  static let start = Instant(milliseconds: 1_700_000_000_000)

  static func user(_ number: UInt64) -> User {
    User(id: id(number), name: "user \(number)", created: start)
  }

  static func id<Of>(_ number: UInt64) -> ID<Of> {
    ID(high: 0xF000_0000_0000_7000 | number >> 32, low: 1 << 63 | number)
  }

  /// A seal of these events; what it says of them is not looked at by a store.
  static func seal(of log: [[UInt8]], after head: Head) -> Seal {
    let last = head.offset + UInt64(log.count)
    return Seal(
      offsets: head.offset + 1...last,
      before: head.hash,
      signature: (0..<64).map { UInt8(truncatingIfNeeded: last) &+ $0 },
      publicKey: (0..<32).map { 200 + $0 }
    )
  }

  static func hash(after seal: Seal) -> [UInt8] { Array(seal.signature.prefix(32)) }

  static func reservation(
    _ number: UInt64,
    of user: UInt64 = 1,
    date: UInt64 = 1,
    seat: UInt32? = nil,
    state: Reservation.State = .pending,
    expires: Instant = start
  ) -> Reservation {
    var reservation = Reservation(
      key: Reservation.Key(user: id(user), id: id(number)),
      hold: id(number),
      concert: id(1),
      date: id(date),
      seat: seat ?? UInt32(number),
      price: 1_000,
      created: start,
      expires: expires
    )
    reservation.state = state
    return reservation
  }

  static func seat(of reservation: Reservation) -> TakenSeat {
    TakenSeat(
      key: reservation.seatKey,
      user: reservation.key.user,
      reservation: reservation.key.id,
      until: reservation.state == .paid ? nil : reservation.expires
    )
  }

  static func record(_ number: Int, created: Int64) -> Repeat {
    Repeat(
      key: Repeat.Key(text: "key \(number)", caller: id(1), method: "Hold"),
      digest: [UInt8(truncatingIfNeeded: number)],
      made: [id(UInt64(number))],
      created: Instant(milliseconds: created)
    )
  }

  static func date(_ number: UInt64, of concert: UInt64) -> ConcertDate? {
    guard let prices = SeatPrices(total: 50, price: 1_000) else { return nil }
    return ConcertDate(
      id: id(number),
      concert: id(concert),
      times: DateTimes(opens: start, closes: start, bookingStarts: start, bookingEnds: start),
      prices: prices,
      created: start
    )
  }

  static func line(_ number: UInt64, of payment: UInt64, user: UInt64 = 1) -> PaymentLine {
    PaymentLine(
      key: PaymentLine.Key(
        payment: Payment.Key(user: id(user), id: id(payment)),
        reservation: id(number)
      ),
      concert: id(1),
      concertName: "Concert",
      date: id(1),
      opens: start,
      closes: start,
      seat: UInt32(number),
      amount: 1_000,
      state: .paid
    )
  }
}
