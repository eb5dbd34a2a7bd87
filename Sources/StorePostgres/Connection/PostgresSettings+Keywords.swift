internal import CPostgres

extension PostgresSettings {
  /// What libpq is told: what the URL says, and ours where it says nothing.
  func keywords() throws(ConnectionFailure) -> [(String, String)] {
    var words = try parsed()
    let network = limits.networkMilliseconds
    let defaults: [(String, String)] = [
      ("application_name", "usherd"),
      ("connect_timeout", "\(limits.connectSeconds)"),
      ("tcp_user_timeout", "\(network)"),
      ("keepalives", "1"),
      ("keepalives_idle", "1"),
      ("keepalives_interval", "1"),
      ("keepalives_count", "\(max(1, network / 1_000))"),
      ("target_session_attrs", "read-write"),
    ]
    for (word, value) in defaults where !words.contains(where: { $0.0 == word }) {
      words.append((word, value))
    }
    return words
  }

  /// What the URL says.
  private func parsed() throws(ConnectionFailure) -> [(String, String)] {
    var reason: UnsafeMutablePointer<CChar>?
    guard let options = unsafe PQconninfoParse(url, &reason) else {
      defer { unsafe PQfreemem(reason) }
      let message = unsafe reason.map { unsafe String(cString: $0) } ?? "no memory"
      throw .lost(message.split(separator: "\n").joined(separator: "; "))
    }
    defer { unsafe PQconninfoFree(options) }
    var words: [(String, String)] = []
    var option = unsafe options
    while let word = unsafe option.pointee.keyword {
      if let value = unsafe option.pointee.val {
        unsafe words.append((String(cString: word), String(cString: value)))
      }
      unsafe option += 1
    }
    return words
  }
}
