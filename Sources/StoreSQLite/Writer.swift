internal import Domain
internal import Ledger

/// The connection that writes, its statements, and the lock that keeps others away.
final class Writer {
  let connection: Connection
  let head: HeadQuery
  let tables: TableList
  let batchAtStart: UInt64
  private let moveHead: Query
  private let append: Query
  private let putSeal: Query
  private let due: Query
  private let giveBackSeats: Query
  private let giveBackHolds: Query
  private let giveBackTickets: Query
  private let forgetRepeats: Query
  /// Let go of last: until then closing the connection may write.
  private let lock: DirectoryLock

  init(
    path: String,
    on fileSystem: String?,
    for program: String,
    _ migrations: [Migration]
  ) throws(SQLiteOpenFailure) {
    lock = try DirectoryLock(besides: path, for: program)
    connection = try DatabaseFile.open(path, on: fileSystem, migrations)
    do throws(StoreFailure) {
      head = try HeadQuery(on: connection)
      batchAtStart = try head.head().batch
      tables = TableList(on: connection)
      moveHead = try Query(on: connection, SpecialSQL.moveHead)
      append = try Query(on: connection, SpecialSQL.append)
      putSeal = try Query(on: connection, SpecialSQL.putSeal)
      due = try Query(on: connection, SpecialSQL.due)
      giveBackSeats = try Query(on: connection, SpecialSQL.giveBackSeats)
      giveBackHolds = try Query(on: connection, SpecialSQL.giveBackHolds)
      giveBackTickets = try Query(on: connection, SpecialSQL.giveBackTickets)
      forgetRepeats = try Query(on: connection, SpecialSQL.forgetRepeats)
    } catch {
      throw .damaged("\(error)", path: path)
    }
  }

  func due(at now: Instant, max: Int) throws(StoreFailure) -> [Reservation.Key] {
    var keys: [Reservation.Key] = []
    try due.rows(binding: { values in
      values.integer(now.milliseconds)
      values.integer(Int64(max))
    }) { row throws(DamagedRow) in
      keys.append(Reservation.Key(user: try row.id(), id: try row.id()))
    }
    return keys
  }

  func giveBack(
    milliseconds: Int64,
    toWhatLivedAt instant: Instant
  ) throws(StoreFailure) -> GivenBack {
    func run(_ query: Query) throws(StoreFailure) -> UInt64 {
      try query.run { values in
        values.integer(milliseconds)
        values.integer(instant.milliseconds)
      }
      return UInt64(query.changedCount)
    }
    // The seats come first: they are found by their holds as they were.
    _ = try run(giveBackSeats)
    return GivenBack(tickets: try run(giveBackTickets), holds: try run(giveBackHolds))
  }

  /// Writes all of a batch, short of the commit.
  func save(_ batch: Batch, forgottenMax: Int) throws(StoreFailure) {
    var rows = batch.rows
    var saver = Saver(tables: tables)
    try rows.visit(&saver)
    try forgetRepeats.run { values in
      values.integer(batch.forgetRepeatsBefore.milliseconds)
      values.integer(Int64(forgottenMax))
    }
    let first = Int64(bitPattern: batch.head.offset) - Int64(batch.log.count) + 1
    for (place, event) in batch.log.enumerated() { try append.run(first + Int64(place), event) }
    if let seal = batch.seal { try putSeal.run { seal.write(to: &$0) } }
    try moveHead.run { values in
      values.integer(Int64(bitPattern: batch.head.epoch))
      values.integer(Int64(bitPattern: batch.head.offset))
      values.integer(Int64(bitPattern: batch.head.batch))
      values.integer(batch.head.time.milliseconds)
      values.bytes(batch.head.hash)
    }
  }
}

/// The statements of every table, in the order in which a working set shows its tables.
final class TableList {
  private var all: [TableQueries] = []
  private var places: [String: Int] = [:]

  init(on connection: Connection) {
    var lister = Lister(connection: connection)
    var rows = WorkingSet()
    rows.visit(&lister)
    for (place, (name, queries)) in lister.found.enumerated() {
      all.append(queries)
      places[name] = place
    }
  }

  subscript(place: Int) -> TableQueries { all[place] }

  /// Every table that there is has its place.
  subscript(shape: TableShape) -> TableQueries {
    guard let place = places[shape.name] else {
      preconditionFailure("a working set does not show the table \(shape.name)")
    }
    return all[place]
  }

  private struct Lister: TableVisitor {
    let connection: Connection
    var found: [(String, TableQueries)] = []

    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
      found.append((Element.shape.name, TableQueries(on: connection, Element.shape)))
    }
  }
}

/// Gives every table what it wants.
struct Loader: TableVisitor {
  let tables: TableList
  private var place = 0

  init(tables: TableList) {
    self.tables = tables
  }

  mutating func visit<Element: StoredRow>(
    _ table: inout Table<Element>
  ) throws(StoreFailure) {
    let queries = tables[place]
    place += 1
    guard !table.wantsNothing else { return }
    let keys = Element.wanted(by: table)
    var rows: [Element] = []
    rows.reserveCapacity(keys.count)
    if !keys.isEmpty {
      let query = try queries.byKey()
      for key in keys {
        try query.rows(binding: { Element.write(key, to: &$0) }) { row throws(DamagedRow) in
          rows.append(try Element(from: &row))
        }
      }
    }
    var members: [Element] = []
    for group in table.wantedGroups { members += try queries.rows(groupOf: group) }
    Element.provide(rows, to: &table)
    table.provideGroups(members)
    guard !table.wantedQueues.isEmpty else { return }
    var queued: [Element.Queue: [Element]] = [:]
    for (queue, wish) in table.wantedQueues {
      queued[queue] = try queries.rows(of: queue, from: wish.from, max: wish.count)
    }
    table.provideQueues(queued)
  }
}

/// Saves what every table has changed.
struct Saver: TableVisitor {
  let tables: TableList
  private var place = 0

  init(tables: TableList) {
    self.tables = tables
  }

  mutating func visit<Element: StoredRow>(
    _ table: inout Table<Element>
  ) throws(StoreFailure) {
    let queries = tables[place]
    place += 1
    guard table.hasChanges else { return }
    let put = try queries.put()
    for (key, row) in Element.changes(of: table) {
      if let row {
        try put.run { row.write(to: &$0) }
      } else {
        try queries.remove().run { Element.write(key, to: &$0) }
      }
    }
  }
}
