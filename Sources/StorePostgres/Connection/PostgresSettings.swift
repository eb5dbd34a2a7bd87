/// Where the database is, and how long anything may take there.
package struct PostgresSettings: Sendable, Hashable {
  /// As libpq takes it: `postgres://…`, or a list of keywords and values.
  package let url: String
  package let limits: Limits

  /// What keeps a stuck instance, server or network from holding everyone up.
  package struct Limits: Sendable, Hashable {
    /// After this the server ends the session of an instance that stopped amid a batch, so that
    /// others get the head.
    package var idleInBatchMilliseconds: Int32
    /// How long a batch waits for the head, which others hold.
    package var lockMilliseconds: Int32
    /// How long one statement may run, waits for locks included.
    package var statementMilliseconds: Int32
    /// How long an answer may be under way after that before the connection counts as lost.
    package var answerGraceMilliseconds: Int32
    /// How long data may stay unacknowledged on the network.
    package var networkMilliseconds: Int32
    /// How long the making of a connection may take; libpq counts in seconds, from 2.
    package var connectSeconds: Int32
    /// How long to ask what became of a commit whose answer was lost.
    package var settleMilliseconds: Int32
    /// How long a reader's snapshot may be idle.
    package var idleInReadMilliseconds: Int32

    package static var defaults: Limits {
      Limits(
        idleInBatchMilliseconds: 1_000,
        lockMilliseconds: 3_000,
        statementMilliseconds: 5_000,
        answerGraceMilliseconds: 2_000,
        networkMilliseconds: 5_000,
        connectSeconds: 3,
        settleMilliseconds: 10_000,
        idleInReadMilliseconds: 60_000
      )
    }
  }

  package init(url: String, limits: Limits = .defaults) {
    self.url = url
    self.limits = limits
  }
}
