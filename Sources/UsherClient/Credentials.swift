internal import RPCCore
internal import Wire

/// Who calls: what is put into the metadata of every call that does not say otherwise.
public struct Credentials: Sendable, Hashable {
  private let bearer: String
  private let user: String?

  /// A user, with the token that Register or IssueToken gave.
  public static func user(token: String) -> Credentials {
    Credentials(bearer: token, user: nil)
  }

  /// An app with its key, and the user for whom it acts.
  public static func app(key: String, actingFor user: String? = nil) -> Credentials {
    Credentials(bearer: key, user: user)
  }

  /// Whoever runs the sale, with their key.
  public static func `operator`(key: String) -> Credentials {
    Credentials(bearer: key, user: nil)
  }

  /// Adds what `metadata` does not say by itself.
  func add(to metadata: inout Metadata) throws {
    try metadata.addIfMissing(Metadata.Key.authorization, "Bearer \(bearer)")
    if let user { try metadata.addIfMissing(Metadata.Key.user, user) }
  }
}

extension Metadata {
  mutating func addIfMissing(_ key: String, _ value: String) throws {
    guard self[key] == nil else { return }
    do throws(MetadataFault) {
      try add(key, value)
    } catch {
      throw RPCFailure(.invalidArgument, "\(key) cannot be sent: \(error)", cause: error)
    }
  }
}
