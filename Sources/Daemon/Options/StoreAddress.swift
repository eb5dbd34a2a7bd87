internal import Arguments

/// Where everything is kept.
public enum StoreAddress: Sendable, Hashable {
  /// One file of this server's own.
  case sqlite(path: String)
  /// A database that several servers may share. The URL may hold a password.
  case postgres(url: String)

  /// Reads `sqlite:PATH` or `postgres://…`.
  init(parsing text: String) throws(UsageError) {
    if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
      self = .postgres(url: text)
      return
    }
    guard text.hasPrefix("sqlite:") else {
      // What it was meant to be is not known, so whether it holds a password is not either.
      throw UsageError(
        "a store's address begins with sqlite: or postgres://",
        hint: "sqlite:PATH is one, and postgres://USER@HOST/DATABASE."
      )
    }
    let path = String(text.dropFirst("sqlite:".count))
    guard !path.isEmpty else {
      throw UsageError("\(text) names no file", hint: "sqlite:PATH names one.")
    }
    self = .sqlite(path: path)
  }
}

extension StoreAddress: CustomStringConvertible {
  /// The address as it is given, without a password and what stands behind a question mark, where
  /// one may be, too.
  public var description: String {
    switch self {
    case .sqlite(let path): "sqlite:\(path)"
    case .postgres(let url): Self.withoutSecrets(url)
    }
  }

  private static func withoutSecrets(_ url: String) -> String {
    let shown = url.prefix { $0 != "?" }
    guard let scheme = shown.firstRange(of: "://") else { return "postgres://" }
    let rest = shown[scheme.upperBound...]
    // A password may hold what an address is divided by, but its user does not.
    guard let at = rest.lastIndex(of: "@") else { return String(shown) }
    let user = rest[..<at].prefix { $0 != ":" }
    return "\(shown[..<scheme.upperBound])\(user)\(rest[at...])"
  }
}
