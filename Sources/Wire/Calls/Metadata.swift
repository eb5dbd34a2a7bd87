/// What travels beside a call's messages: short keys with values, in the order they were added.
///
/// All entries share one allocation, so that taking metadata off the wire costs one, however many
/// there are, and none where there is nothing.
public struct Metadata: Sendable, Hashable {
  /// How many entries one call may carry.
  public static let entriesMax = 64
  /// How many bytes the keys and values of one call may have together.
  public static let bytesMax = 8 << 10
  /// How long a key may be.
  public static let keyBytesMax = 64

  /// Entry after entry: length of the key, length of the value (two bytes, low first), key, value.
  private var packed: [UInt8] = []

  /// How many entries there are.
  public private(set) var count = 0

  /// Metadata without entries.
  public init() {}

  /// Whether there are no entries.
  public var isEmpty: Bool { count == 0 }

  /// The first value under `key` as text; nil if there is none.
  public subscript(key: String) -> String? {
    guard let found = find(key) else { return nil }
    return String(decoding: packed[found], as: UTF8.self)
  }

  /// The first value under `key` as bytes; nil if there is none.
  public func bytes(for key: String) -> [UInt8]? {
    find(key).map { Array(packed[$0]) }
  }

  /// Hands the first value under `key` to `body` without copying it.
  public func withBytes<Result>(
    for key: String,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result? {
    guard let found = find(key) else { return nil }
    return unsafe try packed.withUnsafeBytes {
      try unsafe body(UnsafeRawBufferPointer(rebasing: $0[found]))
    }
  }

  /// Adds an entry, after those that are there.
  public mutating func add(_ key: String, _ value: String) throws(MetadataFault) {
    var key = key
    var value = value
    let added: Result<Void, MetadataFault> = key.withUTF8 { key in
      value.withUTF8 { value in
        Result { () throws(MetadataFault) in
          try unsafe self.add(
            key: UnsafeRawBufferPointer(key),
            value: UnsafeRawBufferPointer(value)
          )
        }
      }
    }
    try added.get()
  }

  /// Adds an entry, after those that are there. Values other than text need a key in `-bin`.
  public mutating func add(_ key: String, _ value: [UInt8]) throws(MetadataFault) {
    var key = key
    let added: Result<Void, MetadataFault> = key.withUTF8 { key in
      unsafe value.withUnsafeBytes { value in
        Result { () throws(MetadataFault) in
          try unsafe self.add(key: UnsafeRawBufferPointer(key), value: value)
        }
      }
    }
    try added.get()
  }

  /// Adds an entry from bytes that may have come from anyone.
  public mutating func add(
    key: UnsafeRawBufferPointer,
    value: UnsafeRawBufferPointer
  ) throws(MetadataFault) {
    guard (1...Self.keyBytesMax).contains(key.count), unsafe key.allSatisfy(Self.isKeyByte) else {
      throw .invalidKey
    }
    guard unsafe Self.isBinary(key) || value.allSatisfy(Self.isTextByte) else {
      throw .invalidValue
    }
    guard count < Self.entriesMax else { throw .tooManyEntries }
    guard byteCount + key.count + value.count <= Self.bytesMax else { throw .tooManyBytes }
    packed.reserveCapacity(packed.count + Self.headerBytes + key.count + value.count)
    packed.append(UInt8(key.count))
    packed.append(UInt8(truncatingIfNeeded: value.count))
    packed.append(UInt8(truncatingIfNeeded: value.count >> 8))
    unsafe packed.append(contentsOf: key)
    unsafe packed.append(contentsOf: value)
    count += 1
  }

  /// Hands every entry to `body`, in order.
  public func forEach(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
  ) {
    unsafe packed.withUnsafeBytes { all in
      var at = 0
      while at < all.count {
        let (key, value) = unsafe Self.entry(at: at, in: all)
        unsafe body(
          UnsafeRawBufferPointer(rebasing: all[key]),
          UnsafeRawBufferPointer(rebasing: all[value])
        )
        at = value.upperBound
      }
    }
  }

  /// Makes room for what is about to be added.
  mutating func reserve(entries: Int, bytes: Int) {
    packed.reserveCapacity(entries * Self.headerBytes + bytes)
  }

  private static let headerBytes = 3

  /// The bytes of all keys and values.
  var byteCount: Int { packed.count - count * Self.headerBytes }

  private func find(_ key: String) -> Range<Int>? {
    unsafe packed.withUnsafeBytes { all in
      var key = key
      return key.withUTF8 { wanted in
        var at = 0
        while at < all.count {
          let (key, value) = unsafe Self.entry(at: at, in: all)
          if unsafe all[key].elementsEqual(wanted) { return value }
          at = value.upperBound
        }
        return nil
      }
    }
  }

  private static func entry(
    at offset: Int,
    in all: UnsafeRawBufferPointer
  ) -> (key: Range<Int>, value: Range<Int>) {
    let keyEnd = unsafe offset + headerBytes + Int(all[offset])
    let valueEnd = unsafe keyEnd + (Int(all[offset + 1]) | Int(all[offset + 2]) << 8)
    return (offset + headerBytes..<keyEnd, keyEnd..<valueEnd)
  }

  private static func isBinary(_ key: UnsafeRawBufferPointer) -> Bool {
    unsafe key.count > 4 && key.suffix(4).elementsEqual("-bin".utf8)
  }

  private static func isKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func isTextByte(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) }
}

/// Why metadata cannot be what it was given.
public enum MetadataFault: Error, Hashable {
  /// A key is empty, longer than 64 bytes, or has other characters than `a-z0-9._-`.
  case invalidKey
  /// A value is not printable ASCII and its key does not end in `-bin`.
  case invalidValue
  /// There would be more than ``Metadata/entriesMax`` entries.
  case tooManyEntries
  /// Keys and values would have more than ``Metadata/bytesMax`` bytes.
  case tooManyBytes
}

extension Metadata: CustomStringConvertible {
  /// The keys alone: values may be secrets.
  public var description: String {
    var keys: [String] = []
    unsafe forEach { key, _ in unsafe keys.append(String(decoding: key, as: UTF8.self)) }
    return "Metadata(\(keys.joined(separator: ", ")))"
  }
}
