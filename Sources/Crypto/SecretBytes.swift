internal import CCrypto

/// How bytes are treated that nobody may guess.
package enum SecretBytes {
  /// Whether both are the same; takes as long for any bytes of one length.
  package static func areEqual(
    _ one: UnsafeRawBufferPointer,
    _ other: UnsafeRawBufferPointer
  ) -> Bool {
    guard one.count == other.count else { return false }
    guard let first = one.baseAddress, let second = other.baseAddress else { return true }
    return unsafe CRYPTO_memcmp(first, second, one.count) == 0
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
