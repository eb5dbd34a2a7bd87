/// What someone in the crowd does next. Whoever carries it out tells the ``Journey`` what came of it.
enum Deed: Hashable {
  case enter
  case check
  case claim
  case leave
  case listDates(concert: String)
  case listSeats(date: String)
  case hold(date: String, seats: [UInt32], best: UInt32)
  case charge(Int64)
  case pay(reservations: [String])
  case cancel(reservation: String)
  /// Shows a token that has to be worth nothing any more.
  case tryDeadToken(date: String?)

  /// Looks on as the line moves, until it is told to stop.
  case watch
  case stopWatching
  /// Loses the connection, as a network loses it.
  case cut
  /// Is told of the alarm in so many nanoseconds.
  case wait(UInt64, Alarm)
  /// Is done.
  case finish(End)

  /// Why someone looks up again.
  enum Alarm: Hashable {
    case patienceIsOver
    case askAgain
    case tabIsLost
    case connectionIsLost
    /// The thinking before a step is done.
    case thought
  }

  /// How a journey ends.
  enum End: String, Hashable, CaseIterable, Sendable {
    case bought
    case refunded
    case soldOut = "sold out"
    case lostPatience = "lost patience"
    case noShow = "no-show"
    case letHoldLapse = "let a hold lapse"
    case seatsTaken = "seats taken too often"
    case turnOver = "turn was over"
    case turnedAway = "turned away"
    case failed
    case unfinished
  }
}

extension Deed {
  /// The step of the journey that a call is, as it is reported.
  var step: Step? {
    switch self {
    case .enter: .enter
    case .check: .check
    case .claim: .claim
    case .leave: .leave
    case .listDates: .dates
    case .listSeats: .seats
    case .hold: .hold
    case .charge: .charge
    case .pay: .pay
    case .cancel: .cancel
    case .tryDeadToken: .deadToken
    case .watch: .watch
    case .stopWatching, .cut, .wait, .finish: nil
    }
  }

  /// The steps that are measured, in the order of a journey.
  enum Step: String, CaseIterable, Codable, Hashable, Sendable {
    case enter, check, watch, claim, dates, seats, hold, charge, pay, cancel, leave
    case deadToken = "dead-token"
  }
}
