internal import Ledger

/// Why a connection did not do what it was asked.
enum ConnectionFailure: Error {
  /// The server refused a statement; the connection stands.
  case server(state: String, message: String)
  /// The connection is no more. What was under way may or may not have been done.
  case lost(String)
}

extension ConnectionFailure {
  var message: String {
    switch self {
    case .server(let state, let message): "\(message) (SQLSTATE \(state))"
    case .lost(let message): message
    }
  }

  /// What it means for a batch whose COMMIT was not sent, or was refused: it has not happened.
  var rolledBack: StoreFailure {
    switch self {
    case .lost(let message):
      .rolledBack(.conflict, "the connection was lost before the commit: \(message)")
    case .server(let state, _): Self.failure(state: state, message: message)
    }
  }

  /// What it means for a read.
  var ofRead: StoreFailure {
    switch self {
    case .lost(let message): .unreachable(message)
    case .server: rolledBack
    }
  }

  private static func failure(state: String, message: String) -> StoreFailure {
    switch state {
    // The server's own disk or data failed: nothing it says can be relied on.
    case "58030", "XX001", "XX002": return .lost(message)
    // Locks that were not given in time, statements that took too long, sessions told to end.
    case "55P03", "57014", "57P01", "57P02", "25P03": return .rolledBack(.conflict, message)
    // Starting up, or a standby that takes no writes.
    case "57P03", "25006": return .unreachable(message)
    default: break
    }
    switch state.prefix(2) {
    case "40": return .rolledBack(.conflict, message)
    case "53": return .rolledBack(.full, message)
    case "08": return .unreachable(message)
    default: return .rolledBack(.refused, message)
    }
  }
}
