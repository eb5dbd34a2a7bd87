internal import Measuring
internal import RPCCore
internal import Wire

/// What failures mean to those who rehearse.
enum Answers {
  /// The refusal's name, or else the status's.
  static func name(of failure: RPCFailure) -> String {
    failure.refusal ?? "\(failure.code)"
  }

  /// What is told of a call that had no answer when the run was over.
  static let unanswered = "UNANSWERED"

  /// Whether a call that has no answer yet should have had one.
  static func isOverdue(_ moments: StepMeasure.Moments) -> Bool {
    moments.ended - min(moments.planned, moments.ended) >= 1_000_000_000
  }

  /// Whether trying again later may help: nothing is wrong with what was asked.
  static func isPassing(_ failure: RPCFailure) -> Bool {
    switch failure.code {
    case .unavailable, .deadlineExceeded, .resourceExhausted, .cancelled, .aborted: true
    case .unknown: failure.isOutcomeUnknown
    default: false
    }
  }

  /// Whether it says that nothing was done under the call's key. Whoever is not known as who they are
  /// is refused before the key is looked at.
  static func isRefusal(_ failure: RPCFailure) -> Bool {
    failure.isFromPeer && failure.refusal != nil && !isPassing(failure)
      && failure.code != .unauthenticated
  }

  /// Whether it is what a sale says when all is well: a seat that is taken, a turn that is over.
  static func belongsToSales(_ name: String) -> Bool { saleRefusals.contains(name) }

  private static let saleRefusals: Set<String> = [
    "ALREADY_CANCELLED", "ALREADY_IN_LINE", "ALREADY_PAID", "CANCEL_CLOSED", "GATE_DRAINED",
    "GATE_NOT_OPEN", "HOLD_EXPIRED", "INSUFFICIENT_BALANCE", "NOTHING_BOOKABLE", "NOT_ADMITTED",
    "NOT_ENOUGH_SEATS", "SEAT_LIMIT", "SEAT_TAKEN", "SESSION_OVER", "TICKET_ENDED",
    "TOKEN_INVALID",
  ]

  /// How long the server asks to wait before trying again.
  static func retryAfterNanoseconds(_ failure: RPCFailure) -> UInt64? {
    failure.trailers[Metadata.Key.retryAfterMs].flatMap { UInt64($0) }.map {
      min($0, 60_000) * 1_000_000
    }
  }
}
