internal import UsherAPI

/// A row as the log makes it, and the event that changed it last.
struct Kept<Row: Sendable>: Sendable {
  var row: Row
  var offset: UInt64
}

/// A seat by its date and number.
struct SeatKey: Hashable, Sendable, CustomStringConvertible {
  let date: String
  let number: UInt32

  var description: String { "seat \(number) of date \(date)" }
}

extension Reservation {
  var seatKey: SeatKey { SeatKey(date: dateID, number: seatNumber) }
}

extension PaymentLine {
  var seatKey: SeatKey { SeatKey(date: dateID, number: seatNumber) }
}

extension TakenSeat {
  var key: SeatKey { SeatKey(date: dateID, number: seatNumber) }
}

extension Int64 {
  /// The sum, or the end of the numbers where it is beyond them.
  func clampedSum(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}
