// Numbers as bytes, the most significant first: what columns of bytes are made of.

extension [UInt8] {
  mutating func append(bigEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }
}

extension FixedWidthInteger {
  /// The number in the bytes from `start` on, which have to be there.
  init(bigEndian bytes: [UInt8], at start: Int) {
    let end = start + MemoryLayout<Self>.size
    self = bytes[start..<end].reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
  }
}
