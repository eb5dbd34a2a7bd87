internal import Domain
package import Ledger

/// What every store has to do, one sentence after the other.
///
/// A test target runs all of it on its store:
///
///     @Test("It keeps the contract", arguments: StoreContract.clauses)
///     func contract(_ clause: StoreContract.Clause) async throws {
///       try await clause.check(on: MyFixture())
///     }
package enum StoreContract {
  /// One thing that a store has to do, and a test of it on an empty database.
  package struct Clause: Sendable, CustomStringConvertible {
    package let description: String
    let body: @Sendable (Desk) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (Desk) async throws -> Void) {
      self.description = description
      self.body = body
    }

    /// Throws what was found wrong.
    package func check(on fixture: any StoreFixture) async throws {
      let desk = try await Desk(
        fixture: fixture,
        store: fixture.openStore(),
        reader: fixture.openReader()
      )
      do {
        try await body(desk)
      } catch {
        await desk.close()
        throw error
      }
      await desk.close()
    }
  }

  package static var clauses: [Clause] {
    headClauses + rowClauses + groupClauses + queueClauses + holdClauses + logClauses
      + sealClauses + pageClauses + snapshotClauses
  }
}

/// Where the contract gets stores from: one database, empty at first.
package protocol StoreFixture: Sendable {
  /// A store on the database. Another is opened only once the first is closed.
  func openStore() async throws -> sending any Store
  /// A reader of what the store commits; opened after it and closed before it.
  func openReader() async throws -> any StoreReader
}

/// A store does not do what it has to.
package struct ContractBroken: Error, CustomStringConvertible {
  package let description: String
}

/// A store, its reader, and short ways to run batches on them.
final class Desk {
  private let fixture: any StoreFixture
  private(set) var store: any Store
  private(set) var reader: any StoreReader

  init(fixture: any StoreFixture, store: sending any Store, reader: any StoreReader) {
    self.fixture = fixture
    self.store = store
    self.reader = reader
  }

  func close() async {
    await store.rollBack()
    await reader.close()
    await store.close()
  }

  /// Closes the store and opens it again.
  func reopen() async throws {
    await close()
    store = try await fixture.openStore()
    reader = try await fixture.openReader()
  }

  /// Runs one batch that changes what `change` changes and loads nothing.
  @discardableResult
  func commit(
    log: [[UInt8]] = [],
    sealed: Bool = false,
    epoch: UInt64? = nil,
    time: Int64 = 0,
    forgetBefore: Int64 = .min,
    _ change: (inout WorkingSet) -> Void = { _ in }
  ) async throws -> Head {
    let head = try await store.begin().head
    var rows = WorkingSet()
    change(&rows)
    var next = head.following(log: log, time: time)
    if let epoch { next.epoch = epoch }
    let seal = sealed ? Sample.seal(of: log, after: head) : nil
    if let seal { next.hash = Sample.hash(after: seal) }
    try await store.commit(
      Batch(
        rows: rows,
        head: next,
        log: log,
        seal: seal,
        forgetRepeatsBefore: Instant(milliseconds: forgetBefore)
      )
    )
    return next
  }

  /// What a batch finds that asks for what `want` asks for.
  func load(_ want: (inout WorkingSet) -> Void) async throws -> WorkingSet {
    _ = try await store.begin()
    var rows = WorkingSet()
    want(&rows)
    try await store.load(&rows)
    await store.rollBack()
    return rows
  }

  /// Throws unless both are the same.
  func expect<Value: Equatable>(
    _ found: Value,
    is expected: Value,
    _ what: String
  ) throws(ContractBroken) {
    guard found != expected else { return }
    throw ContractBroken(
      description: "\(what): \(brief(found)), and not \(brief(expected))"
    )
  }

  private func brief(_ value: some Any) -> String {
    let text = String(describing: value)
    return text.count <= 1_000 ? text : text.prefix(1_000) + "…"
  }
}

extension Head {
  /// The head after a batch that logged this.
  func following(log: [[UInt8]], time: Int64) -> Head {
    Head(
      epoch: epoch,
      offset: offset + UInt64(log.count),
      batch: batch + 1,
      time: max(self.time, Instant(milliseconds: time)),
      hash: hash
    )
  }
}
