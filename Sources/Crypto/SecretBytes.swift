/// How bytes are treated that nobody may guess.
package enum SecretBytes {
  /// Whether both are the same; takes as long for any bytes of one length.
  ///
  /// Eight bytes at a time, with nothing that ends the loop early: libcrypto's goes byte by byte, and
  /// took 100 ns of each call for a token that a connection has shown before.
  package static func areEqual(
    _ one: UnsafeRawBufferPointer,
    _ other: UnsafeRawBufferPointer
  ) -> Bool {
    guard one.count == other.count else { return false }
    var difference: UInt64 = 0
    let words = one.count & ~7
    for start in stride(from: 0, to: words, by: 8) {
      difference |=
        unsafe one.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        ^ other.loadUnaligned(fromByteOffset: start, as: UInt64.self)
    }
    for place in words..<one.count { difference |= unsafe UInt64(one[place] ^ other[place]) }
    return difference == 0
  }

  /// So many random bytes.
  package static func random(
    _ count: Int,
    using random: inout some RandomNumberGenerator
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 7)
    while bytes.count < count {
      unsafe withUnsafeBytes(of: random.next()) { unsafe bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
  }
}
