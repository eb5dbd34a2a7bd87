internal import Foundation

/// Keys under which a change is made once, however often it is asked for.
package enum IdempotencyKey {
  /// A UUID of version 7: keys that rise with time lie together in the server's store.
  static func make(
    milliseconds: UInt64 = UInt64(Date().timeIntervalSince1970 * 1_000),
    using random: inout some RandomNumberGenerator
  ) -> String {
    let high = milliseconds << 16 | 7 << 12 | UInt64.random(in: 0..<1 << 12, using: &random)
    let low = 0b10 << 62 | UInt64.random(in: 0..<1 << 62, using: &random)
    var bytes: [UInt8] = []
    for half in [high, low] {
      withUnsafeBytes(of: half.bigEndian) { bytes.append(contentsOf: $0) }
    }
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for (place, byte) in bytes.enumerated() {
      if place == 4 || place == 6 || place == 8 || place == 10 { text.append(UInt8(ascii: "-")) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A key of this moment.
  package static func make() -> String {
    var random = SystemRandomNumberGenerator()
    return make(using: &random)
  }
}
