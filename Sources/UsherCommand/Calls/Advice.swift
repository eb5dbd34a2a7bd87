internal import RPCCore
internal import UsherAPI
internal import Wire

/// What someone can do who was refused. It stands behind the server's own sentence.
struct Advice: Sendable {
  /// The gate that it was about; empty where that is not known.
  var gate = ""
  /// What the server knows this change by; nil where nothing was to be changed.
  var key: String?
  /// The file of the key that was shown; nil where that is not known.
  var keyFile: String?

  /// The failure as a person is told it.
  func complaint(about failure: RPCFailure) -> Complaint {
    let complaint = Complaint(about: failure)
    return Complaint(
      complaint.message,
      hint: hint(for: failure) ?? complaint.hint,
      code: complaint.code
    )
  }

  private func hint(for failure: RPCFailure) -> String? {
    let isUnsettled = failure.isOutcomeUnknown || failure.code == .deadlineExceeded
    if let key, isUnsettled {
      return "the same with --key \(key) asks again, and does nothing twice."
    }
    guard failure.isFromPeer, let name = failure.refusal,
      let refusal = Refusal.knownValues.first(where: { $0.protoName == "REFUSAL_" + name })
    else { return nil }
    return ofCaller(refusal) ?? ofLine(refusal) ?? ofSale(refusal)
  }

  private var entering: String { "usher enter \(gate.isEmpty ? "GATE" : gate)" }

  private var gateOrName: String { gate.isEmpty ? "NAME" : gate }

  private func ofCaller(_ refusal: Refusal) -> String? {
    switch refusal {
    case .credentialsInvalid: keyFile.map(Self.ofStrangeKey)
    default: nil
    }
  }

  /// What to do about a key that the server does not know: most often another server wrote it.
  static func ofStrangeKey(in file: String) -> String {
    "\(file) was shown; if another server wrote it, name this one's directory with --data."
  }

  private func ofLine(_ refusal: Refusal) -> String? {
    switch refusal {
    case .tokenMissing: "stand in line first: \(entering) --wait"
    case .tokenInvalid: "a new one for the same place: \(entering)"
    case .tokenWrongGate: "stand in line for that one: usher enter GATE --wait"
    case .notAdmitted: "wait for it: \(entering) --wait"
    case .ticketEnded, .sessionOver: "stand in line again: \(entering) --wait"
    case .gateNotFound: "usher gate list lists them; usher gate set NAME makes one."
    case .gateDrained:
      "whoever is in line is still served; to take others too: usher gate resume \(gateOrName)"
    case .policyContradicts: "change what the sum names together; --dry-run tries it."
    case .revisionChanged: "look what is there now: usher gate show \(gateOrName)"
    default: nil
    }
  }

  private func ofSale(_ refusal: Refusal) -> String? {
    switch refusal {
    case .userNotFound: "register someone: \(entering) --name NAME"
    case .concertNotFound: "usher concert list lists them."
    case .dateNotFound, .nothingBookable: "usher dates CONCERT lists what can be booked."
    case .seatTaken, .notEnoughSeats, .seatNotFound: "see which are free: usher seats DATE --all"
    case .seatLimit: "pay what is held, or hold fewer."
    case .holdExpired: "no money moved; hold seats again: usher hold DATE SEAT"
    case .reservationNotFound: "usher history lists them."
    case .insufficientBalance: "usher charge AMOUNT, then usher pay again: the hold goes on."
    case .keyReused: "leave --key out for something new."
    default: nil
    }
  }
}

extension Invocation {
  /// Runs `body`; what the server refuses is told with what can be done about it.
  func advised<Result>(
    _ advice: Advice,
    _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let failure as RPCFailure {
      throw advice.complaint(about: failure)
    }
  }
}
