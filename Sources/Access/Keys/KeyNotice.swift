package import Domain

/// What someone should know of the key files when the server starts.
package enum KeyNotice: Sendable, Hashable {
  /// A key was made.
  case made(AppKey.Role, path: String)
  /// There is no file, and the store has keys already.
  case missing(AppKey.Role, path: String)
  /// What the file holds is no key of that role.
  case unreadable(AppKey.Role, path: String)
  /// The store does not know the file's key.
  case unknown(AppKey.Role, path: String)
  /// The file's key was revoked.
  case revoked(AppKey.Role, path: String)
  /// Others than its owner may read or write the file.
  case openToOthers(AppKey.Role, path: String)
}

extension KeyNotice: CustomStringConvertible {
  /// What is so, in a sentence, and what helps.
  package var description: String {
    switch self {
    case .made(let role, let path): "made \(Self.name(role)) and wrote it to \(path)"
    case .missing(let role, let path):
      "\(path) is missing and cannot be made again, because the store keeps digests of keys and not "
        + "the keys; \(Self.help(role))"
    case .unreadable(let role, let path):
      "\(path) does not hold \(Self.name(role)); \(Self.help(role))"
    case .unknown(let role, let path):
      "\(path) holds a key that this store does not know; \(Self.help(role))"
    case .revoked(let role, let path):
      "\(path) holds a key that was revoked; \(Self.help(role))"
    case .openToOthers(_, let path):
      "\(path) may be read or written by others; chmod 600 keeps it to its owner"
    }
  }

  private static func name(_ role: AppKey.Role) -> String {
    switch role {
    case .app: "an app's key"
    case .operator: "an operator's key"
    }
  }

  private static func help(_ role: AppKey.Role) -> String {
    let copy = "copy the file from the data directory in which it was made"
    return switch role {
    case .app: "\(copy), or have an operator make another key with CreateAppKey"
    case .operator: "\(copy), or start once with --new-operator-key, which makes another"
    }
  }
}
