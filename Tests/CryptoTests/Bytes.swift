/// The bytes that hexadecimal digits stand for.
func bytes(_ digits: String) -> [UInt8] {
  let digits = digits.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension [UInt8] {
  /// The same with one bit changed.
  func flipping(_ bit: Int) -> [UInt8] {
    var changed = self
    changed[bit / 8] ^= 1 << (bit % 8)
    return changed
  }
}
