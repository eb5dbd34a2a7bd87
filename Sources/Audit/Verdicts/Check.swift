/// What an audit looks for. Each has one verdict.
package enum Check: String, CaseIterable, Sendable {
  /// Every event's offset is one above the one before, from 1 to the export's.
  case logGaps = "log-gaps"
  /// The log's time and epoch never go back.
  case logBackwards = "log-backwards"
  /// At no offset has a seat two owners.
  case seatsOwnedTwice = "seats-owned-twice"
  /// Whatever happens to a reservation can follow from what it was.
  case stepsOutOfTurn = "steps-out-of-turn"
  /// No hold is paid at or after its end.
  case paidAfterLapse = "paid-after-lapse"
  /// After every movement a balance is the sum of its entries.
  case balanceUnlikeEntries = "balance-unlike-entries"
  /// No balance is ever below 0.
  case balanceBelowZero = "balance-below-zero"
  /// The money of every payment and refund moved exactly once.
  case moneyNotOnce = "money-not-once"
  /// The seats that are sold are those of lines that are PAID.
  case seatsSold = "seats-sold"
  /// Nobody was admitted while it was someone else's turn.
  case gateInversions = "gate-inversions"
  /// Nobody was admitted beyond a gate's cap.
  case gateCap = "gate-cap"
  /// No window of a rate's interval has more admissions than it allows.
  case gateRate = "gate-rate"
  /// Whatever happens to a ticket can follow from what it was.
  case gateSteps = "gate-steps"
  /// The tables are what the log makes of them.
  case tablesUnlikeLog = "tables-unlike-log"

  /// What its facts are, for those who count them.
  package var facts: String {
    switch self {
    case .logGaps, .logBackwards: "events"
    case .seatsOwnedTwice: "seats taken"
    case .stepsOutOfTurn: "steps"
    case .paidAfterLapse: "seats paid"
    case .balanceUnlikeEntries, .balanceBelowZero: "movements"
    case .moneyNotOnce: "payments and refunds"
    case .seatsSold: "seats and lines"
    case .gateInversions, .gateCap, .gateRate: "admissions"
    case .gateSteps: "steps of tickets"
    case .tablesUnlikeLog: "rows"
    }
  }

  /// Those that are about gates alone.
  package static let ofGates: [Check] = [.gateInversions, .gateCap, .gateRate, .gateSteps]
}
