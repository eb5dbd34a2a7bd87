internal import Domain

/// Many rows as PostgreSQL takes them at once: one array for each column, in binary form.
struct ColumnArrays {
  /// Each with its header, once it is finished.
  private(set) var arrays: [[UInt8]]
  private(set) var rowCount = 0
  private var next = 0

  /// Room for about this many rows.
  init(kinds: [TableShape.Kind], rows: Int) {
    arrays = kinds.map { kind in
      var array: [UInt8] = []
      array.reserveCapacity(Self.headerSize + rows * kind.typicalSize)
      // Dimensions, whether any element is null, the elements' type, how many, the first index.
      for word in [1, 0, kind.typeNumber, 0, 1] { array.append(bigEndian: word) }
      return array
    }
  }

  private static var headerSize: Int { 20 }
  private static var countOffset: Int { 12 }

  var byteCount: Int { arrays.reduce(0) { $0 + $1.count } }

  /// Adds one row, which `write` writes column by column.
  mutating func append(_ write: (inout ColumnArrays) -> Void) {
    next = 0
    write(&self)
    precondition(next == arrays.count, "a row has as many columns as its shape says")
    rowCount += 1
  }

  /// Writes the number of rows into every array.
  mutating func finish() {
    for place in arrays.indices {
      for byte in 0..<4 {
        arrays[place][Self.countOffset + byte] =
          UInt8(truncatingIfNeeded: rowCount >> (24 - 8 * byte))
      }
    }
  }
}

extension ColumnArrays: ColumnWriter {
  mutating func integer(_ value: Int64) {
    arrays[next].append(bigEndian: Int32(8))
    arrays[next].append(bigEndian: value)
    next += 1
  }

  mutating func id<Of>(_ value: ID<Of>) {
    arrays[next].append(bigEndian: Int32(16))
    arrays[next].append(bigEndian: value.high)
    arrays[next].append(bigEndian: value.low)
    next += 1
  }

  mutating func text(_ value: String) {
    let utf8 = value.utf8
    arrays[next].append(bigEndian: Int32(utf8.count))
    arrays[next].append(contentsOf: utf8)
    next += 1
  }

  mutating func bytes(_ value: [UInt8]) {
    arrays[next].append(bigEndian: Int32(value.count))
    arrays[next].append(contentsOf: value)
    next += 1
  }
}

extension TableShape.Kind {
  /// The type's name in SQL.
  var typeName: String {
    switch self {
    case .integer: "bigint"
    case .id: "uuid"
    case .text: "text"
    case .bytes: "bytea"
    }
  }

  /// The number by which PostgreSQL knows its own types, the same in every database.
  fileprivate var typeNumber: Int32 {
    switch self {
    case .integer: 20
    case .id: 2950
    case .text: 25
    case .bytes: 17
    }
  }

  fileprivate var typicalSize: Int {
    switch self {
    case .integer: 12
    case .id: 20
    case .text, .bytes: 44
    }
  }
}
