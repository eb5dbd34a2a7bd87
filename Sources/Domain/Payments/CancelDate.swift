/// Ends a date's booking and refunds its paid seats, some in each step, so that a full house does not
/// stop everyone else.
///
/// The first step takes the date away from the catalogue; the steps after it go on where the one
/// before ended, whoever gives them. It is done when a step finds nothing left. A refund for which its
/// owner's wallet has no room stops nobody else's: that seat stays paid and is named, and whoever
/// cancels the date again once there is room refunds it then.
package struct CancelDate: RepeatableCommand {
  package struct Outcome: Sendable, Hashable {
    package let date: ConcertDate
    package let progress: Progress
    package let isDone: Bool
  }

  /// What the steps so far came to.
  package struct Progress: Sendable, Hashable {
    /// The last seat that was looked at.
    package fileprivate(set) var seat: UInt32 = 0
    package fileprivate(set) var refundedSeats: UInt32 = 0
    package fileprivate(set) var refunded: Int64 = 0
    /// Those whose money found no room.
    package fileprivate(set) var owed: [ReservationID] = []

    package init() {}
  }

  package let id: DateID
  /// What was done before this step.
  package let before: Progress
  /// The most seats of one step.
  package let seatsMax: Int

  package init(id: DateID, after before: Progress = Progress(), seatsMax: Int = 500) {
    self.id = id
    self.before = before
    self.seatsMax = seatsMax
  }

  package func want(in rows: inout WorkingSet) {
    rows.dates.want(id)
    rows.seats.want(groupOf: id)
    for seat in (try? some(of: &rows)) ?? [] {  // not loaded yet: asked for above
      rows.reservations.want(seat.reservationKey)
      if let reservation = rows.reservations.peek(seat.reservationKey) {
        rows.want(refundOf: reservation)
        rows.want(endOf: reservation)
      }
    }
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Outcome {
    guard var date = try turn.rows.dates.find(id) else { throw noDate }
    if date.deleted == nil {
      date.updated = turn.now
      date.deleted = turn.now
      turn.rows.dates.put(date)
      turn.tell(.dateChanged(date))
    }
    let seats = try some(of: &turn.rows)
    var progress = before
    for seat in seats {
      progress.seat = seat.key.number
      let reservation = try turn.rows.reservation(seat.reservationKey)
      if reservation.state == .paid {
        try refund(reservation, &progress, in: &turn)
      } else if reservation.state == .pending {
        // It may have ended with the ticket of one before it.
        let isOver = reservation.expires <= turn.now
        try turn.end(reservation, as: isOver ? .lapsed : .cancelled)
        try turn.holdEnded(reservation, isLapse: isOver)
      }
    }
    return Outcome(date: date, progress: progress, isDone: seats.count < seatsMax)
  }

  private func refund(
    _ reservation: Reservation,
    _ progress: inout Progress,
    in turn: inout Turn
  ) throws(Interruption) {
    do throws(Interruption) {
      _ = try turn.refund(reservation)
      progress.refundedSeats += 1
      let (sum, overflow) = progress.refunded.addingReportingOverflow(reservation.price)
      progress.refunded = overflow ? .max : sum
    } catch .refused(let refusal) where refusal.reason == .balanceOverflow {
      // A refund moves the money first, so that nothing of it has happened.
      progress.owed.append(reservation.key.id)
    }
  }

  private func some(of rows: inout WorkingSet) throws(Interruption) -> ArraySlice<TakenSeat> {
    try rows.seats.find(groupOf: id).filter { $0.key.number > before.seat }
      .sorted { $0.key.number < $1.key.number }.prefix(seatsMax)
  }

  private var noDate: Interruption { .no(.dateNotFound, "there is no date \(id)") }

  /// A step that is not the last leaves nothing to remember.
  package func made(_ outcome: Outcome) -> [ID<Made>] {
    guard outcome.isDone else { return [] }
    let progress = outcome.progress
    let numbers = ID<Made>(
      high: UInt64(progress.refundedSeats),
      low: UInt64(bitPattern: progress.refunded)
    )
    return [numbers] + progress.owed.map { $0.of() }
  }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Outcome {
    guard let date = try turn.rows.dates.find(id), let numbers = made.first else { throw noDate }
    var progress = Progress()
    progress.refundedSeats = UInt32(clamping: numbers.high)
    progress.refunded = Int64(bitPattern: numbers.low)
    progress.owed = made.dropFirst().map { $0.of() }
    return Outcome(date: date, progress: progress, isDone: true)
  }
}
