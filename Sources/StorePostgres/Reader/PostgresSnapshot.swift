internal import Domain
internal import Ledger

/// What one transaction of a reader's sees. It stays on its lane's thread.
struct PostgresSnapshot: Snapshot {
  let head: Head
  let connection: PostgresConnection

  private func run(
    _ statement: Statement,
    _ write: (inout Parameters) -> Void
  ) throws(StoreFailure) -> QueryResult {
    do throws(ConnectionFailure) {
      return try connection.run([Request(statement, Parameters(write))])[0]
    } catch {
      throw error.ofRead
    }
  }

  private func rows<Element: StoredRow>(
    _ statement: Statement,
    _ write: (inout Parameters) -> Void
  ) throws(StoreFailure) -> [Element] {
    let result = try run(statement, write)
    do throws(DamagedRow) {
      return try result.rows(of: Element.self)
    } catch {
      throw StoreFailure(error)
    }
  }

  func row<Element: StoredRow>(_ key: Element.Key) throws(StoreFailure) -> Element? {
    let found: [Element] = try rows(.row(Element.shape)) { Element.write(key, to: &$0) }
    return found.first
  }

  func rows<Element: StoredRow>(groupOf group: Element.Group) throws(StoreFailure) -> [Element] {
    try rows(.rows(Element.shape)) { Element.write(group: group, to: &$0) }
  }

  func page<Element: StoredRow>(
    after key: Element.Key?,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    guard let key else {
      return try rows(.firstPage(Element.shape)) { $0.integer(Int64(max)) }
    }
    return try rows(.page(Element.shape)) {
      Element.write(key, to: &$0)
      $0.integer(Int64(max))
    }
  }

  func newest<Element: OwnedRow>(
    of user: UserID,
    before id: ID<Element>?,
    state: Int64?,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    // Where a table has no states, there is nothing to narrow by.
    let stateColumn = state == nil ? nil : Element.stateColumn
    let statement = Statement.newest(
      Element.shape,
      beforeID: id != nil,
      stateColumn: stateColumn
    )
    return try rows(statement) {
      $0.id(user)
      if let id { $0.id(id) }
      if stateColumn != nil, let state { $0.integer(state) }
      $0.integer(Int64(max))
    }
  }

  func log(from offset: UInt64, max: Int) throws(StoreFailure) -> [[UInt8]] {
    let result = try run(.log) {
      $0.integer(Int64(clamping: offset))
      $0.integer(Int64(max))
    }
    var events: [[UInt8]] = []
    events.reserveCapacity(result.rowCount)
    for row in 0..<result.rowCount {
      var columns = result.columns(row: row)
      do throws(DamagedRow) {
        events.append(try columns.bytes())
      } catch {
        throw StoreFailure(error)
      }
    }
    return events
  }

  func seal(endingAtOrAfter offset: UInt64) throws(StoreFailure) -> Seal? {
    let result = try run(.seal) { $0.integer(Int64(clamping: offset)) }
    guard result.rowCount > 0 else { return nil }
    var columns = result.columns(row: 0)
    do throws(DamagedRow) {
      return try Seal(from: &columns)
    } catch {
      throw StoreFailure(error)
    }
  }
}
