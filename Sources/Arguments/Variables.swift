internal import Spelling

/// The environment variables that Usher's programs know.
///
/// Each program reads its own; those of the others are no mistake, since one environment may be meant
/// for all of them.
public enum Variables {
  /// What stands before the name of each.
  static let prefix = "USHER_"

  /// Those that `usherd` reads.
  public static let ofServer = [
    "USHER_LISTEN", "USHER_LOOPS", "USHER_CONNECTIONS_MAX", "USHER_DRAIN", "USHER_ALLOW_PLAINTEXT",
    "USHER_DATA", "USHER_STORE", "USHER_DEMO",
  ]
  /// Those that `usher` reads.
  public static let ofCommandLine = ["USHER_CONNECT", "USHER_DATA"]

  /// A warning for each variable of `environment` that has our prefix and that no program knows.
  public static func warnings(about environment: [String: String]) -> [String] {
    let known = ofServer + ofCommandLine.filter { !ofServer.contains($0) }
    return environment.keys.filter { $0.hasPrefix(prefix) && !known.contains($0) }.sorted().map {
      let similar = nearest(to: $0, among: known).map { "; a similar one exists: \($0)" } ?? ""
      return "unknown variable \($0)\(similar)"
    }
  }
}
