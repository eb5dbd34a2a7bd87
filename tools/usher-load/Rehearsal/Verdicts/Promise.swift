internal import Audit

/// What a server promises, in words, and how it is known whether it kept it.
package enum Promise: String, CaseIterable, Sendable {
  // By what the crowd was told
  case acknowledgedLost = "acknowledged-lost"
  case acknowledgedTwice = "acknowledged-twice"
  case changesUntold = "changes-untold"
  case keysAnsweredTwice = "keys-answered-twice"
  case placesLost = "places-lost"
  case deadTokens = "dead-tokens"
  case eventsMissed = "events-missed"

  /// The promise.
  package var sentence: String {
    switch self {
    case .acknowledgedLost: "what was acknowledged is there"
    case .acknowledgedTwice: "what was acknowledged happened once"
    case .changesUntold: "whatever was done for someone is what they were answered, once"
    case .keysAnsweredTwice: "what is sent twice happens once and is answered alike"
    case .placesLost: "whoever enters again has the same place"
    case .deadTokens: "a token whose turn is over is refused"
    case .eventsMissed: "a subscriber hears every event once, in order"
    }
  }

  package var facts: String {
    switch self {
    case .acknowledgedLost, .acknowledgedTwice: "acknowledgements"
    case .changesUntold: "changes"
    case .keysAnsweredTwice: "payments sent twice"
    case .placesLost: "returns"
    case .deadTokens: "tokens tried"
    case .eventsMissed: "events"
    }
  }
}

extension Check {
  /// The promise that an audit of log and tables looks after.
  package var promise: String {
    switch self {
    case .logGaps: "the log has no gap"
    case .logBackwards: "the log's time never goes back"
    case .seatsOwnedTwice: "no seat has two owners"
    case .stepsOutOfTurn: "whatever happens to a reservation follows from what it was"
    case .paidAfterLapse: "no money moves for a hold that has lapsed"
    case .balanceUnlikeEntries: "balances are charges less payments plus refunds"
    case .balanceBelowZero: "no balance is below zero"
    case .moneyNotOnce: "the money of each payment and refund moved once"
    case .seatsSold: "the seats sold are those that were paid"
    case .gateInversions: "nobody is let in before someone ahead who is still there"
    case .gateCap: "at no event are more inside than allowed"
    case .gateRate: "no window of the rate's length lets more in than allowed"
    case .gateSteps: "whatever happens to a ticket follows from what it was"
    case .tablesUnlikeLog: "the tables are what the log makes of them"
    }
  }
}
