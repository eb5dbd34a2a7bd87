/// Something that someone asks to be done, decided by looking at rows and changing them.
package protocol Command: Sendable {
  /// What the one who asked is told when it is done.
  associatedtype Outcome: Sendable

  /// Asks for the rows that it knows it will need, so that a batch can load them together; called
  /// again after each load, until it asks for nothing new. Correctness does not hang on it: what
  /// ``decide(in:)`` misses is loaded then.
  func want(in rows: inout WorkingSet)

  /// Does it, or refuses. Look-ups come before changes; what it changed is taken back if it throws.
  func decide(in turn: inout Turn) throws(Interruption) -> Outcome
}

/// What a decision works with: rows, the time, new identities, and what it tells.
package struct Turn: Sendable {
  /// The time of the whole batch.
  package let now: Instant
  package let rules: Rules
  package var rows: WorkingSet
  package var ids: IDSource
  /// What has happened, in order.
  package private(set) var events: [Event] = []
  /// The log's life and its end before this batch.
  package let epoch: UInt64
  private let offset: UInt64
  private var kept = 0

  package init(
    now: Instant,
    rules: Rules,
    rows: WorkingSet,
    ids: IDSource,
    epoch: UInt64 = 1,
    after offset: UInt64 = 0
  ) {
    self.now = now
    self.rules = rules
    self.rows = rows
    self.ids = ids
    self.epoch = epoch
    self.offset = offset
  }

  /// Where in the log the next event will be.
  package var nextOffset: UInt64 { offset + UInt64(events.count) + 1 }

  /// Says that something has happened.
  package mutating func tell(_ event: Event) {
    events.append(event)
  }

  /// Runs one decision, wholly or not at all.
  package mutating func decide<C: Command>(_ command: C) throws(Interruption) -> C.Outcome {
    var marker = Mark()
    rows.visit(&marker)
    kept = events.count
    do throws(Interruption) {
      return try command.decide(in: &self)
    } catch {
      var undoer = Undoing()
      rows.visit(&undoer)
      events.removeSubrange(kept...)
      throw error
    }
  }

  private struct Mark: TableVisitor {
    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) { table.mark() }
  }

  private struct Undoing: TableVisitor {
    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) { table.rollBack() }
  }
}
