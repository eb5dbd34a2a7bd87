/// Ends a date's booking and refunds its paid seats, some in each step, so that a full house does not
/// stop everyone else.
///
/// The first step takes the date away from the catalogue; the steps after it go on where the one
/// before ended, whoever gives them. It is done when a step finds nothing left.
package struct CancelDate: Command {
  package struct Outcome: Sendable, Hashable {
    package let date: ConcertDate
    package let refundedSeats: UInt32
    package let refunded: Int64
    package let isDone: Bool
  }

  package let id: DateID
  /// The most seats of one step.
  package let seatsMax: Int

  package init(id: DateID, seatsMax: Int = 500) {
    self.id = id
    self.seatsMax = seatsMax
  }

  package func want(in rows: inout WorkingSet) {
    rows.dates.want(id)
    rows.seats.want(groupOf: id)
    for seat in (try? some(of: &rows)) ?? [] {  // not loaded yet: asked for above
      rows.reservations.want(seat.reservationKey)
      if let reservation = rows.reservations.peek(seat.reservationKey) {
        rows.want(refundOf: reservation)
      }
    }
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Outcome {
    guard var date = try turn.rows.dates.find(id) else {
      throw .no(.dateNotFound, "there is no date \(id)")
    }
    if date.deleted == nil {
      date.updated = turn.now
      date.deleted = turn.now
      turn.rows.dates.put(date)
      turn.tell(.dateChanged(date))
    }
    let seats = try some(of: &turn.rows)
    var refundedSeats: UInt32 = 0
    var refunded: Int64 = 0
    for seat in seats {
      let reservation = try turn.rows.reservation(seat.reservationKey)
      if reservation.state == .paid {
        _ = try turn.refund(reservation)
        refundedSeats += 1
        refunded = refunded.addingReportingOverflow(reservation.price).partialValue
      } else {
        let isOver = reservation.expires <= turn.now
        try turn.end(reservation, as: isOver ? .lapsed : .cancelled)
        try turn.holdEnded(reservation, isLapse: isOver)
      }
    }
    return Outcome(
      date: date,
      refundedSeats: refundedSeats,
      refunded: refunded,
      isDone: seats.count < seatsMax
    )
  }

  private func some(of rows: inout WorkingSet) throws(Interruption) -> ArraySlice<TakenSeat> {
    try rows.seats.find(groupOf: id).sorted { $0.key.number < $1.key.number }.prefix(seatsMax)
  }
}
