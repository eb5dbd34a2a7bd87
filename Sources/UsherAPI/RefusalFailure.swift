package import RPCCore
package import Wire

extension Refusal {
  /// The status that a call ends with when it is refused for this reason: the number in brackets in
  /// the schema.
  package var statusCode: StatusCode {
    switch self {
    case .credentialsMissing, .credentialsInvalid, .tokenMissing, .tokenInvalid: .unauthenticated
    case .forbidden, .tokenWrongGate: .permissionDenied
    case .userRequired, .fieldInvalid, .keyReused, .policyContradicts: .invalidArgument
    case .gateNotFound, .userNotFound, .concertNotFound, .dateNotFound, .seatNotFound,
      .nothingBookable, .reservationNotFound, .paymentNotFound:
      .notFound
    case .alreadyInLine: .alreadyExists
    case .gateNotOpen, .gateDrained, .notAdmitted, .ticketEnded, .sessionOver, .bookingNotOpen,
      .bookingClosed, .seatTaken, .notEnoughSeats, .seatLimit, .holdExpired, .alreadyPaid,
      .alreadyCancelled, .cancelClosed, .insufficientBalance:
      .failedPrecondition
    case .revisionChanged, .epochChanged: .aborted
    case .balanceOverflow, .offsetCut: .outOfRange
    case .overloaded, .storeFull: .resourceExhausted
    case .storeDown: .unavailable
    case .outcomeUnknown, .unspecified, .unrecognized: .unknown
    }
  }
}

extension RPCFailure {
  /// A refusal, as callers are told it: its status, its name in the trailer, and `sentence` for the
  /// person who asked. The one place where this is put together.
  package init(
    _ refusal: Refusal,
    _ sentence: String,
    retryAfterMilliseconds: Int64? = nil,
    cause: (any Error)? = nil
  ) {
    var trailers = Metadata()
    // Fixed keys with names and numbers of our own are within every limit: adding cannot fail.
    if let name = refusal.shortName { try? trailers.add(Metadata.Key.refusal, name) }
    if let wait = retryAfterMilliseconds {
      // For the same reason.
      try? trailers.add(Metadata.Key.retryAfterMs, "\(wait)")
    }
    self.init(refusal.statusCode, sentence, trailers: trailers, cause: cause)
  }
}
