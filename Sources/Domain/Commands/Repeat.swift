/// The record of a change that was made under an idempotency key.
package struct Repeat: Row {
  /// What the caller chose.
  package struct Key: Hashable, Sendable {
    /// The key itself. The client library's rise with time, so that records lie in that order.
    package let text: String
    package let caller: CallerID
    package let method: String

    package init(text: String, caller: CallerID, method: String) {
      self.text = text
      self.caller = caller
      self.method = method
    }
  }

  package let key: Key
  /// A digest of the request: the same key with another request is a mistake.
  package let digest: [UInt8]
  /// What the change made, in an order that its command knows.
  package let made: [ID<Made>]
  package let created: Instant

  /// Most keys are used once.
  package static var isAskedForAgain: Bool { false }

  package init(key: Key, digest: [UInt8], made: [ID<Made>], created: Instant) {
    self.key = key
    self.digest = digest
    self.made = made
    self.created = created
  }
}

/// Whoever calls: a user, or an app that acts for nobody.
package enum Caller {}
package typealias CallerID = ID<Caller>
/// Anything that a change has made.
package enum Made {}

/// A command that can be given twice and is done once.
package protocol RepeatableCommand: Command {
  /// What to remember of an outcome, so that it can be told again; nothing where all is not done yet,
  /// so that asking again goes on.
  func made(_ outcome: Outcome) -> [ID<Made>]
  /// The outcome again, from what was remembered of it.
  func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Outcome
}

/// A command under an idempotency key: within a day, the same caller's same key answers what the
/// first success did, before anything else is looked at. Refusals are not remembered.
package struct Once<Base: RepeatableCommand>: Command {
  package let base: Base
  package let key: Repeat.Key
  package let digest: [UInt8]

  package init(_ base: Base, key: Repeat.Key, digest: [UInt8]) {
    self.base = base
    self.key = key
    self.digest = digest
  }

  package func want(in rows: inout WorkingSet) {
    rows.repeats.want(key)
    base.want(in: &rows)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Base.Outcome {
    if let past = try turn.rows.repeats.find(key),
      turn.now < past.created.after(milliseconds: turn.rules.repeatMilliseconds)
    {
      guard past.digest == digest else {
        throw .no(.keyReused, "idempotency key \(key.text) was used for another request")
      }
      return try base.recall(past.made, in: &turn)
    }
    let outcome = try base.decide(in: &turn)
    let made = base.made(outcome)
    guard !made.isEmpty else { return outcome }
    turn.rows.repeats.put(Repeat(key: key, digest: digest, made: made, created: turn.now))
    return outcome
  }
}

extension Repeat: StoredRow {
  package static let shape = TableShape(
    "repeats",
    key: [("key", .text), ("caller", .id), ("method", .text)],
    columns: [("digest", .bytes), ("made", .bytes), ("created_ms", .integer)]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    key = Key(text: try columns.text(), caller: try columns.id(), method: try columns.text())
    digest = try columns.bytes()
    made = try columns.ids(of: Self.shape.name)
    created = try columns.instant()
  }

  package func write(to columns: inout some ColumnWriter) {
    Self.write(key, to: &columns)
    columns.bytes(digest)
    columns.ids(made)
    columns.instant(created)
  }

  package static func write(_ key: Key, to columns: inout some ColumnWriter) {
    columns.text(key.text)
    columns.id(key.caller)
    columns.text(key.method)
  }
}

extension [ID<Made>] {
  /// The one thing that was made.
  func one<Of>() throws(Interruption) -> ID<Of> {
    guard count == 1 else {
      throw .no(.outcomeUnknown, "the record of this idempotency key cannot be read")
    }
    return self[0].of()
  }
}
