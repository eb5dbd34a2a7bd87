package import Domain

/// Takes a token's fields, one after the other, the most significant byte first.
package struct TokenWriter {
  private let bytes: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(_ bytes: UnsafeMutableRawBufferPointer) {
    self.bytes = bytes
  }

  package mutating func number<Number: FixedWidthInteger>(_ value: Number) {
    bytes.storeBytes(of: value.bigEndian, toByteOffset: count, as: Number.self)
    count += MemoryLayout<Number>.size
  }

  package mutating func id<Of>(_ value: ID<Of>) {
    number(value.high)
    number(value.low)
  }

  package mutating func instant(_ value: Instant) {
    number(value.milliseconds)
  }
}

/// Gives a token's fields, one after the other.
package struct TokenReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var count: Int

  init(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) {
    self.bytes = bytes
    count = start
  }

  package mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
    defer { count += MemoryLayout<Number>.size }
    return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: count, as: type))
  }

  package mutating func id<Of>() -> ID<Of> {
    ID(high: number(UInt64.self), low: number(UInt64.self))
  }

  package mutating func instant() -> Instant {
    Instant(milliseconds: number(Int64.self))
  }
}
