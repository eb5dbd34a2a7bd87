package import Domain

/// What stands in one column of a row.
///
/// It is ordered as stores order it: numbers by size, everything else by its bytes.
package enum ColumnValue: Sendable, Hashable {
  case integer(Int64)
  case id(high: UInt64, low: UInt64)
  /// A text by its UTF-8, since Swift holds texts for equal that differ in their bytes.
  case text([UInt8])
  case bytes([UInt8])

  package var kind: TableShape.Kind {
    switch self {
    case .integer: .integer
    case .id: .id
    case .text: .text
    case .bytes: .bytes
    }
  }
}

extension ColumnValue: Comparable {
  package static func < (one: Self, other: Self) -> Bool {
    switch (one, other) {
    case (.integer(let one), .integer(let other)): one < other
    case (.id(let high, let low), .id(let otherHigh, let otherLow)):
      (high, low) < (otherHigh, otherLow)
    case (.text(let one), .text(let other)), (.bytes(let one), .bytes(let other)):
      one.lexicographicallyPrecedes(other)
    default: preconditionFailure("\(one) and \(other) stand in one column")
    }
  }
}

/// Takes a row's columns as values.
package struct ValueWriter: ColumnWriter {
  package private(set) var values: [ColumnValue] = []

  package init() {}

  package mutating func integer(_ value: Int64) { values.append(.integer(value)) }
  package mutating func id<Of>(_ value: ID<Of>) {
    values.append(.id(high: value.high, low: value.low))
  }
  package mutating func text(_ value: String) { values.append(.text(Array(value.utf8))) }
  package mutating func bytes(_ value: [UInt8]) { values.append(.bytes(value)) }
}

/// Gives a row's columns from values.
package struct ValueReader: ColumnReader {
  private let table: String
  private var rest: ArraySlice<ColumnValue>

  package init(_ values: [ColumnValue], of table: String) {
    self.table = table
    rest = values[...]
  }

  package mutating func integer() throws(DamagedRow) -> Int64 {
    guard case .integer(let value) = rest.popFirst() else { throw wrong("an integer") }
    return value
  }

  package mutating func id<Of>() throws(DamagedRow) -> ID<Of> {
    guard case .id(let high, let low) = rest.popFirst() else { throw wrong("an id") }
    return ID(high: high, low: low)
  }

  package mutating func text() throws(DamagedRow) -> String {
    guard case .text(let value) = rest.popFirst() else { throw wrong("a text") }
    return String(decoding: value, as: UTF8.self)
  }

  package mutating func bytes() throws(DamagedRow) -> [UInt8] {
    guard case .bytes(let value) = rest.popFirst() else { throw wrong("bytes") }
    return value
  }

  private func wrong(_ expected: String) -> DamagedRow {
    DamagedRow(table: table, problem: "a column is not \(expected)")
  }
}

extension StoredRow {
  /// All columns of the row.
  package var columnValues: [ColumnValue] {
    var writer = ValueWriter()
    write(to: &writer)
    return writer.values
  }

  /// The columns of a key.
  package static func columnValues(of key: Key) -> [ColumnValue] {
    var writer = ValueWriter()
    write(key, to: &writer)
    return writer.values
  }

  /// The columns of a queue.
  package static func columnValues(ofQueue queue: Queue) -> [ColumnValue] {
    var writer = ValueWriter()
    write(queue: queue, to: &writer)
    return writer.values
  }

  /// The columns of a group.
  package static func columnValues(ofGroup group: Group) -> [ColumnValue] {
    var writer = ValueWriter()
    write(group: group, to: &writer)
    return writer.values
  }
}

extension TableShape {
  /// Where a column stands.
  package func place(of column: String) -> Int {
    guard let place = columns.firstIndex(where: { $0.name == column }) else {
      preconditionFailure("\(name) has no column \(column)")
    }
    return place
  }
}
