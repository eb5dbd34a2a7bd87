/// How a session is set up: what is the same for all, and the time-outs.
enum Session {
  /// For batches. One instance that stops must not keep the head from the others.
  static func forBatches(_ limits: PostgresSettings.Limits) -> [Request] {
    common(limits) + planning
      + settings([
        ("idle_in_transaction_session_timeout", "\(limits.idleInBatchMilliseconds)"),
        // A server that does not wait for its disk by default does for us.
        ("synchronous_commit", nil),
      ])
  }

  /// For snapshots, which some hold for a while.
  static func forReading(_ limits: PostgresSettings.Limits) -> [Request] {
    common(limits) + planning
      + settings([("idle_in_transaction_session_timeout", "\(limits.idleInReadMilliseconds)")])
  }

  /// For whoever waits for notifications.
  static func forListening(_ limits: PostgresSettings.Limits) -> [Request] {
    common(limits)
  }

  private static func common(_ limits: PostgresSettings.Limits) -> [Request] {
    settings([
      ("lock_timeout", "\(limits.lockMilliseconds)"),
      ("statement_timeout", "\(limits.statementMilliseconds)"),
    ])
  }

  /// All that is ever asked for is found by an index, so the plan is made once, when a statement is
  /// first run, and does not depend on how much a table held by then: one that was made for an empty
  /// table would read all of it once it is full.
  private static var planning: [Request] {
    settings([
      ("plan_cache_mode", "force_generic_plan"), ("jit", "off"), ("enable_seqscan", "off"),
      ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("enable_bitmapscan", "off"),
    ])
  }

  private static func settings(_ pairs: [(String, String?)]) -> [Request] {
    pairs.map { name, value in
      if let value { return Request(Statement(once: "SET \(name) = '\(value)'")) }
      return Request(
        Statement(
          once: """
            SELECT CASE WHEN current_setting('\(name)') = 'off'
              THEN set_config('\(name)', 'on', false) END
            """
        )
      )
    }
  }
}
