/// Base64 with the alphabet for URLs and no padding. Bits that are left over have to be 0, so that every
/// text has one meaning and every meaning one text.
package enum Base64URL {
  /// How long the text of so many bytes is.
  package static func characters(forBytes count: Int) -> Int { (count * 4 + 2) / 3 }

  /// The text of bytes.
  package static func text(of bytes: UnsafeRawBufferPointer) -> String {
    let length = characters(forBytes: bytes.count)
    return unsafe String(unsafeUninitializedCapacity: length) { text in
      var at = 0
      for start in stride(from: 0, to: bytes.count, by: 3) {
        let left = bytes.count - start
        var group = unsafe UInt32(bytes[start]) << 16
        if left > 1 { group |= unsafe UInt32(bytes[start + 1]) << 8 }
        if left > 2 { group |= unsafe UInt32(bytes[start + 2]) }
        for place in 0..<min(4, left + 1) {
          let bits = group >> UInt32(18 - 6 * place) & 63
          unsafe text[at] = character(of: UInt8(truncatingIfNeeded: bits))
          at += 1
        }
      }
      return at
    }
  }

  /// The text of bytes.
  package static func text(of bytes: [UInt8]) -> String {
    unsafe bytes.withUnsafeBytes { unsafe text(of: $0) }
  }

  /// So many bytes that `text` stands for; nil where it is not the text of just so many.
  package static func bytes(_ count: Int, of text: String) -> [UInt8]? {
    var text = text
    var bytes = [UInt8](repeating: 0, count: count)
    let isRead = text.withUTF8 { text in
      unsafe bytes.withUnsafeMutableBytes { unsafe decode(UnsafeRawBufferPointer(text), into: $0) }
    }
    return isRead ? bytes : nil
  }

  /// Fills `bytes` with what `text` says; false where it is not the text of just so many bytes.
  package static func decode(
    _ text: UnsafeRawBufferPointer,
    into bytes: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard text.count == characters(forBytes: bytes.count) else { return false }
    guard let from = unsafe text.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let to = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return true }
    let whole = bytes.count / 3
    // Both have the lengths above, so that plain pointers do; a token is read with every new caller.
    return unsafe values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return false }
      var seen: UInt8 = 0
      for group in 0..<whole {
        let first = unsafe values[Int(from[group * 4])]
        let second = unsafe values[Int(from[group * 4 + 1])]
        let third = unsafe values[Int(from[group * 4 + 2])]
        let fourth = unsafe values[Int(from[group * 4 + 3])]
        seen |= first | second | third | fourth
        unsafe to[group * 3] = first << 2 | second >> 4
        unsafe to[group * 3 + 1] = second << 4 | third >> 2
        unsafe to[group * 3 + 2] = third << 6 | fourth & 63
      }
      guard bytes.count > whole * 3 else { return seen < 64 }
      // One byte more in two characters, or two in three.
      let first = unsafe values[Int(from[whole * 4])]
      let second = unsafe values[Int(from[whole * 4 + 1])]
      unsafe to[whole * 3] = first << 2 | second >> 4
      guard bytes.count > whole * 3 + 1 else {
        return (seen | first | second) < 64 && second & 15 == 0
      }
      let third = unsafe values[Int(from[whole * 4 + 2])]
      unsafe to[whole * 3 + 1] = second << 4 | third >> 2
      return (seen | first | second | third) < 64 && third & 3 == 0
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
