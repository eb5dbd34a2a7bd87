internal import Arguments

/// Where everything is kept.
public enum StoreAddress: Sendable, Hashable {
  /// One file of this server's own.
  case sqlite(path: String)

  /// Reads `sqlite:PATH`.
  init(parsing text: String) throws(UsageError) {
    guard text.hasPrefix("sqlite:") else {
      throw UsageError("\(text) is no store", hint: "sqlite:PATH is one.")
    }
    let path = String(text.dropFirst("sqlite:".count))
    guard !path.isEmpty else {
      throw UsageError("\(text) names no file", hint: "sqlite:PATH names one.")
    }
    self = .sqlite(path: path)
  }
}

extension StoreAddress: CustomStringConvertible {
  /// The address as it is given.
  public var description: String {
    switch self {
    case .sqlite(let path): "sqlite:\(path)"
    }
  }
}
