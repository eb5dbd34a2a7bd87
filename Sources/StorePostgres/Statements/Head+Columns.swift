internal import Domain
internal import Ledger

extension Head {
  /// Reads the head, which has to belong to a schema that this program knows.
  init(in result: QueryResult, newest: Int64) throws {
    guard result.rowCount == 1 else {
      throw StoreFailure.lost("the database has no head")
    }
    var columns = result.columns(row: 0)
    let schema = try columns.integer()
    guard schema <= newest else {
      throw StoreFailure.lost(Migrator.tooNew(schema, newest))
    }
    self.init(
      epoch: UInt64(bitPattern: try columns.integer()),
      offset: UInt64(bitPattern: try columns.integer()),
      batch: UInt64(bitPattern: try columns.integer()),
      time: Instant(milliseconds: try columns.integer()),
      hash: try columns.bytes()
    )
  }
}

extension StoreFailure {
  /// What cannot be read was never written by a store: nothing can be relied on any more.
  init(_ damaged: DamagedRow) {
    self = .lost("a row of \(damaged.table) cannot be read: \(damaged.problem)")
  }

  /// What any of the errors within a batch means.
  init(_ error: any Error) {
    switch error {
    case let failure as StoreFailure: self = failure
    case let failure as ConnectionFailure: self = failure.rolledBack
    case let damaged as DamagedRow: self.init(damaged)
    default: self = .rolledBack(.refused, "\(error)")
    }
  }
}
