package import Domain
package import Ledger

/// A PostgreSQL database, which any number of instances may share.
///
/// A batch is three round trips: the head's lock, the loads of all tables at once, and the changes
/// of all tables with the commit. Every call blocks its caller's thread.
package final class PostgresStore: Store {
  private let settings: PostgresSettings
  private let migrator: Migrator
  private var link: Link?
  private var batch: OpenBatch?

  /// A connection, and what it takes to find its session from another.
  struct Link {
    let connection: PostgresConnection
    let session: SessionIdentity
  }

  /// What is known of the batch that is open.
  private struct OpenBatch {
    let link: Link
    let transaction: Int64
    /// When the first of the pending holds ends; nil where that may have changed since.
    var firstEnd: Int64?
  }

  /// Opens the database, and brings its schema up to date.
  package init(
    _ settings: PostgresSettings,
    migrations: [Migration] = Migration.all
  ) throws(StoreFailure) {
    self.settings = settings
    migrator = Migrator(migrations: migrations)
    try migrator.run(on: connect().connection)
  }

  private func connect() throws(StoreFailure) -> Link {
    if let link, !link.connection.isLost { return link }
    link = nil
    let made = try Link(settings)
    link = made
    return made
  }

  private var open: OpenBatch {
    guard let batch else { preconditionFailure("no batch was begun") }
    return batch
  }

  /// Runs statements of the open batch, before its commit.
  private func run(_ requests: [Request]) throws(StoreFailure) -> [QueryResult] {
    do throws(ConnectionFailure) {
      return try open.link.connection.run(requests)
    } catch {
      throw error.rolledBack
    }
  }
}

extension PostgresStore.Link {
  init(_ settings: PostgresSettings) throws(StoreFailure) {
    do throws(ConnectionFailure) {
      connection = try PostgresConnection(settings, setup: Session.forBatches(settings.limits))
      session = try SessionIdentity(of: connection)
    } catch {
      throw .unreachable(error.message)
    }
  }
}

// MARK: - From begin to end

extension PostgresStore {
  package func begin() async throws(StoreFailure) -> LockedHead {
    precondition(batch == nil, "a batch began inside another")
    let wasConnected = link.map { !$0.connection.isLost } ?? false
    let first = try connect()
    do throws(StoreFailure) {
      return try lockHead(on: first)
    } catch {
      // A connection that was idle may have gone unnoticed till now; a new one tells more.
      guard wasConnected, first.connection.isLost else { throw error }
    }
    return try lockHead(on: connect())
  }

  private func lockHead(on link: Link) throws(StoreFailure) -> LockedHead {
    do {
      let results = try link.connection.run([
        Request(.begin), Request(.lockHead), Request(.afterLock),
      ])
      let head = try Head(in: results[1], newest: migrator.newest)
      var columns = results[2].columns(row: 0)
      let clock = Instant(milliseconds: try columns.integer())
      batch = OpenBatch(
        link: link,
        transaction: try columns.integer(),
        firstEnd: try columns.integer()
      )
      return LockedHead(head: head, clock: clock)
    } catch {
      end(link)
      throw StoreFailure(error)
    }
  }

  /// Ends the transaction, or failing that the connection, which ends it too.
  private func end(_ link: Link) {
    batch = nil
    guard !link.connection.isLost else { return }
    do throws(ConnectionFailure) {
      try link.connection.run([Request(.rollBack)])
    } catch {
      self.link = nil
    }
  }

  package func rollBack() async {
    if let batch { end(batch.link) }
  }

  package func close() async {
    await rollBack()
    link = nil
  }

  package func commit(_ batch: Batch) async throws(StoreFailure) {
    let open = self.open
    var isCommitSent = false
    do throws(ConnectionFailure) {
      let connection = open.link.connection
      try Self.save(batch, on: connection)
      isCommitSent = true
      try connection.add(Request(.commit))
      guard try connection.finish().last?.tag == "COMMIT" else {
        throw .server(state: "40000", message: "the server rolled the batch back")
      }
      self.batch = nil
    } catch {
      guard case .lost(let reason) = error, isCommitSent else {
        end(open.link)
        throw error.rolledBack
      }
      self.batch = nil
      self.link = nil
      let settling = Settling(
        settings: settings,
        session: open.link.session,
        transaction: open.transaction,
        last: batch.log.last.map { (batch.head.offset, $0) }
      )
      link = try settling.run(after: reason)
    }
  }

  /// Puts into the pipeline all that a batch leaves behind.
  private static func save(
    _ batch: Batch,
    on connection: PostgresConnection
  ) throws(ConnectionFailure) {
    if !batch.log.isEmpty { try connection.add(Request(appending: batch)) }
    var rows = batch.rows
    var saving = Saving(connection: connection)
    try rows.visit(&saving)
    let forgetting = Parameters {
      $0.integer(batch.forgetRepeatsBefore.milliseconds)
      // More than were made, so that they do not pile up.
      $0.integer(Int64(64 + saving.repeatsSaved))
    }
    try connection.add(Request(.forgetRepeats, forgetting))
    if let seal = batch.seal {
      try connection.add(Request(.putSeal, Parameters { seal.write(to: &$0) }))
    }
    let head = batch.head
    let moving = Parameters {
      $0.integer(Int64(bitPattern: head.epoch))
      $0.integer(Int64(bitPattern: head.offset))
      $0.integer(Int64(bitPattern: head.batch))
      $0.integer(head.time.milliseconds)
      $0.bytes(head.hash)
    }
    try connection.add(Request(.moveHead, moving))
    try connection.add(Request(.notify, Parameters { $0.text(String(head.batch)) }))
  }
}

// MARK: - Within a batch

extension PostgresStore {
  package func load(_ rows: inout WorkingSet) async throws(StoreFailure) {
    let connection = open.link.connection
    do {
      var asking = Asking(connection: connection)
      try rows.visit(&asking)
      guard asking.count > 0 else { return }
      var providing = Providing(results: try connection.finish()[...])
      try rows.visit(&providing)
    } catch {
      throw StoreFailure(error)
    }
  }

  package func rows<Element: StoredRow>(
    of queue: Element.Queue,
    from place: Int64,
    max: Int
  ) async throws(StoreFailure) -> [Element] {
    let results = try run([Request(queue, of: Element.self, from: place, max: max)])
    do throws(DamagedRow) {
      return try results[0].rows(of: Element.self)
    } catch {
      throw StoreFailure(error)
    }
  }

  package func due(at now: Instant, max: Int) async throws(StoreFailure) -> [Reservation.Key] {
    if let first = open.firstEnd, now.milliseconds < first { return [] }
    let results = try run([
      Request(
        .due,
        Parameters {
          $0.integer(now.milliseconds)
          $0.integer(Int64(max))
        }
      )
    ])
    var keys: [Reservation.Key] = []
    do throws(DamagedRow) {
      for row in 0..<results[0].rowCount {
        var columns = results[0].columns(row: row)
        keys.append(Reservation.Key(user: try columns.id(), id: try columns.id()))
      }
    } catch {
      throw StoreFailure(error)
    }
    return keys
  }

  package func giveBack(
    milliseconds: Int64,
    toWhatLivedAt instant: Instant
  ) async throws(StoreFailure) -> GivenBack {
    batch?.firstEnd = nil
    let results = try run([
      Request(.longStatement),
      Request(
        .giveBack,
        Parameters {
          $0.integer(milliseconds)
          $0.integer(instant.milliseconds)
        }
      ),
    ])
    do throws(DamagedRow) {
      var columns = results[1].columns(row: 0)
      return GivenBack(
        tickets: UInt64(clamping: try columns.integer()),
        holds: UInt64(clamping: try columns.integer())
      )
    } catch {
      throw StoreFailure(error)
    }
  }
}
