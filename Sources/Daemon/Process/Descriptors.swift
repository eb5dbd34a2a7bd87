internal import Glibc

/// How many files this process may have open.
enum Descriptors {
  /// What is kept for everything but connections.
  static let reserved = 100

  /// What it takes to start: a few for the process, a few for each loop.
  static func needed(loops: Int) -> Int { 32 + 8 * max(loops, 1) }

  /// Takes as many as the system allows, and answers how many that is.
  static func raiseLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: limit.rlim_cur)
  }
}
