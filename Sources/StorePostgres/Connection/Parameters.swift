internal import Domain

/// The parameters of one statement in PostgreSQL's binary form, one after the other in one buffer.
struct Parameters {
  private(set) var bytes: [UInt8] = []
  private(set) var lengths: [Int32] = []

  static var none: Parameters { Parameters() }

  var count: Int { lengths.count }

  mutating func append(_ parameter: [UInt8]) {
    bytes.append(contentsOf: parameter)
    lengths.append(Int32(parameter.count))
  }

  mutating func append(int64 value: Int64) {
    bytes.append(bigEndian: value)
    lengths.append(8)
  }

  mutating func append(string value: String) {
    let start = bytes.count
    bytes.append(contentsOf: value.utf8)
    lengths.append(Int32(bytes.count - start))
  }

  /// Parameters that are single values, as a row writes them.
  init(_ write: (inout Parameters) -> Void) {
    write(&self)
  }

  /// One array for each column.
  init(_ columns: ColumnArrays) {
    bytes.reserveCapacity(columns.byteCount)
    lengths.reserveCapacity(columns.arrays.count)
    for array in columns.arrays { append(array) }
  }

  private init() {}
}

extension Parameters: ColumnWriter {
  mutating func integer(_ value: Int64) { append(int64: value) }

  mutating func id<Of>(_ value: ID<Of>) {
    bytes.append(bigEndian: value.high)
    bytes.append(bigEndian: value.low)
    lengths.append(16)
  }

  mutating func text(_ value: String) { append(string: value) }

  mutating func bytes(_ value: [UInt8]) { append(value) }
}

extension [UInt8] {
  mutating func append(bigEndian value: some FixedWidthInteger) {
    unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
  }
}
