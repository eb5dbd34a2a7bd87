/// Base64 with the alphabet for URLs and no padding, for lengths that leave no bits over: so every
/// text has one meaning and every meaning one text.
enum Base64URL {
  /// The text of bytes whose count three divides.
  static func text(of bytes: UnsafeRawBufferPointer) -> String {
    precondition(bytes.count.isMultiple(of: 3), "\(bytes.count) bytes leave bits over")
    return String(unsafeUninitializedCapacity: bytes.count / 3 * 4) { text in
      var at = 0
      for start in stride(from: 0, to: bytes.count, by: 3) {
        let group =
          UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
        for place in 0..<4 {
          let bits = group >> UInt32(18 - 6 * place) & 63
          text[at] = character(of: UInt8(truncatingIfNeeded: bits))
          at += 1
        }
      }
      return at
    }
  }

  /// Fills `bytes` with what `text` says; false where it is not the text of just so many bytes.
  static func decode(
    _ text: UnsafeRawBufferPointer,
    into bytes: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard bytes.count.isMultiple(of: 3), text.count == bytes.count / 3 * 4 else { return false }
    guard let from = text.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let to = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return true }
    // Both have the lengths above, so that plain pointers do; a token is read with every new caller.
    return values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return false }
      var at = 0
      var seen: UInt8 = 0
      for start in stride(from: 0, to: text.count, by: 4) {
        let first = values[Int(from[start])]
        let second = values[Int(from[start + 1])]
        let third = values[Int(from[start + 2])]
        let fourth = values[Int(from[start + 3])]
        seen |= first | second | third | fourth
        to[at] = first << 2 | second >> 4
        to[at + 1] = second << 4 | third >> 2
        to[at + 2] = third << 6 | fourth & 63
        at += 3
      }
      return seen < 64
    }
  }

  private static func character(of bits: UInt8) -> UInt8 {
    switch bits {
    case 0..<26: UInt8(ascii: "A") + bits
    case 26..<52: UInt8(ascii: "a") + bits - 26
    case 52..<62: UInt8(ascii: "0") + bits - 52
    case 62: UInt8(ascii: "-")
    default: UInt8(ascii: "_")
    }
  }

  /// What each byte stands for; 64 for what is none of the alphabet.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    for bits in 0..<UInt8(64) { values[Int(character(of: bits))] = bits }
    return values
  }()
}
