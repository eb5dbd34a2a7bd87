/// A row that can be written down: as a list of columns, the key's first.
///
/// A table is described here once; every store makes its statements from the description, and a
/// store's migrations are checked against it.
package protocol StoredRow: Row {
  static var shape: TableShape { get }
  /// Reads a row from its columns, in the shape's order.
  init(from columns: inout some ColumnReader) throws(DamagedRow)
  /// Writes its columns, in the shape's order.
  func write(to columns: inout some ColumnWriter)
  /// Writes the columns of a key.
  static func write(_ key: Key, to columns: inout some ColumnWriter)
  /// Writes the columns of a group.
  static func write(group: Group, to columns: inout some ColumnWriter)
  /// Writes the columns of a queue.
  static func write(queue: Queue, to columns: inout some ColumnWriter)

  // What stores do with every row of a table. They are requirements, so that each type of row has its
  // own code for them: a store, for which rows are of any type, would look for each type anew.

  /// The keys whose rows a table wants.
  static func wanted(by table: Table<Self>) -> [Key]
  /// Gives a table what the store has for them.
  static func provide(_ rows: [Self], to table: inout Table<Self>)
  /// What became of the rows of a table.
  static func changes(of table: Table<Self>) -> [(key: Key, row: Self?)]
}

extension StoredRow {
  package static func wanted(by table: Table<Self>) -> [Key] { Array(table.wantedKeys) }

  package static func provide(_ rows: [Self], to table: inout Table<Self>) { table.provide(rows) }

  package static func changes(of table: Table<Self>) -> [(key: Key, row: Self?)] { table.changes }
}

extension StoredRow where Group == Never {
  package static func write(group: Never, to columns: inout some ColumnWriter) {}
}

extension StoredRow where Queue == Never {
  package static func write(queue: Never, to columns: inout some ColumnWriter) {}
}

/// A table's name and columns.
package struct TableShape: Sendable, Hashable {
  package let name: String
  package let columns: [Column]
  /// How many columns the key has; they come first.
  package let keyCount: Int
  /// Which columns a group is found by.
  package let groupColumns: [String]
  /// Which rows of a group are loaded with it; nil where all are.
  package let groupFilter: Filter?
  /// How the table's queues are found; nil where it has none.
  package let queue: QueueShape?

  /// Which columns a queue is found by, and the one that its rows are in the order of.
  package struct QueueShape: Sendable, Hashable {
    package let columns: [String]
    package let place: String
    /// Which rows stand in any queue; nil where all do. Stores keep an index of these alone.
    package let filter: Filter?

    package init(_ columns: [String], place: String, filter: Filter? = nil) {
      self.columns = columns
      self.place = place
      self.filter = filter
    }
  }

  package struct Column: Sendable, Hashable {
    package let name: String
    package let kind: Kind
  }

  /// Rows that have one of some values in a column of integers.
  package struct Filter: Sendable, Hashable {
    package let column: String
    package let values: [Int64]

    package init(_ column: String, in values: [Int64]) {
      self.column = column
      self.values = values
    }
  }

  package enum Kind: Sendable, Hashable {
    /// A signed integer of 64 bits.
    case integer
    /// Sixteen bytes.
    case id
    case text
    case bytes
  }

  package init(
    _ name: String,
    key: [(String, Kind)],
    columns: [(String, Kind)],
    group: [String] = [],
    groupFilter: Filter? = nil,
    queue: QueueShape? = nil
  ) {
    self.name = name
    self.columns = (key + columns).map { Column(name: $0.0, kind: $0.1) }
    keyCount = key.count
    groupColumns = group
    self.groupFilter = groupFilter
    self.queue = queue
  }
}

/// Gives a row's columns, one after the other.
package protocol ColumnReader {
  mutating func integer() throws(DamagedRow) -> Int64
  mutating func id<Of>() throws(DamagedRow) -> ID<Of>
  mutating func text() throws(DamagedRow) -> String
  mutating func bytes() throws(DamagedRow) -> [UInt8]
}

/// Takes a row's columns, one after the other.
package protocol ColumnWriter {
  mutating func integer(_ value: Int64)
  mutating func id<Of>(_ value: ID<Of>)
  mutating func text(_ value: String)
  mutating func bytes(_ value: [UInt8])
}

/// What the store gave is not what was ever put there.
package struct DamagedRow: Error, Hashable, Sendable {
  package let table: String
  package let problem: String

  package init(table: String, problem: String) {
    self.table = table
    self.problem = problem
  }
}

// MARK: - What is written as something else

extension ColumnReader {
  mutating func instant() throws(DamagedRow) -> Instant {
    Instant(milliseconds: try integer())
  }

  /// 0 stands for no time.
  mutating func optionalInstant() throws(DamagedRow) -> Instant? {
    let milliseconds = try integer()
    return milliseconds == 0 ? nil : Instant(milliseconds: milliseconds)
  }

  /// Sixteen zero bytes stand for none.
  mutating func optionalID<Of>() throws(DamagedRow) -> ID<Of>? {
    let id: ID<Of> = try id()
    return id.high == 0 && id.low == 0 ? nil : id
  }

  /// A number without a sign, kept as the signed one of the same bits.
  mutating func number() throws(DamagedRow) -> UInt64 {
    UInt64(bitPattern: try integer())
  }

  mutating func flag(of table: String) throws(DamagedRow) -> Bool {
    let value = try integer()
    guard value == 0 || value == 1 else {
      throw DamagedRow(table: table, problem: "\(value) is neither yes nor no")
    }
    return value == 1
  }

  /// Ids one after the other, sixteen bytes each.
  mutating func ids<Of>(of table: String) throws(DamagedRow) -> [ID<Of>] {
    let bytes = try bytes()
    guard bytes.count.isMultiple(of: 16) else {
      throw DamagedRow(table: table, problem: "\(bytes.count) bytes are no list of ids")
    }
    return stride(from: 0, to: bytes.count, by: 16).map {
      ID(high: UInt64(bigEndian: bytes, at: $0), low: UInt64(bigEndian: bytes, at: $0 + 8))
    }
  }

  mutating func count(of table: String) throws(DamagedRow) -> UInt32 {
    let value = try integer()
    guard let count = UInt32(exactly: value) else {
      throw DamagedRow(table: table, problem: "\(value) is no count")
    }
    return count
  }

  mutating func state<State: RawRepresentable<Int64>>(
    of table: String
  ) throws(DamagedRow) -> State {
    let value = try integer()
    guard let state = State(rawValue: value) else {
      throw DamagedRow(table: table, problem: "\(value) is no state")
    }
    return state
  }
}

extension ColumnWriter {
  mutating func instant(_ value: Instant?) {
    integer(value?.milliseconds ?? 0)
  }

  mutating func optionalID<Of>(_ value: ID<Of>?) {
    id(value ?? ID(high: 0, low: 0))
  }

  mutating func number(_ value: UInt64) {
    integer(Int64(bitPattern: value))
  }

  mutating func ids<Of>(_ ids: [ID<Of>]) {
    var all: [UInt8] = []
    all.reserveCapacity(ids.count * 16)
    for id in ids { all += id.bytes }
    bytes(all)
  }
}

// MARK: - What belongs to someone

/// What a row is found by that belongs to a user: a user's lie together, oldest first.
package struct OwnedKey<Of>: Hashable, Sendable {
  package let user: UserID
  package let id: ID<Of>

  package init(user: UserID, id: ID<Of>) {
    self.user = user
    self.id = id
  }
}

/// A row that belongs to a user.
package protocol OwnedRow: StoredRow where Key == OwnedKey<Self> {
  /// The column that lists can be narrowed by; nil where there is none.
  static var stateColumn: String? { get }
}

extension OwnedRow {
  package var id: ID<Self> { key.id }

  package static func write(_ key: OwnedKey<Self>, to columns: inout some ColumnWriter) {
    columns.id(key.user)
    columns.id(key.id)
  }
}

extension StoredRow where Key == ID<Self> {
  package static func write(_ key: ID<Self>, to columns: inout some ColumnWriter) {
    columns.id(key)
  }
}
