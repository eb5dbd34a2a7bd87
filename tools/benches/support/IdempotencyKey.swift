internal import Foundation

/// Keys as the client library makes them: UUIDs of version 7.
package enum IdempotencyKey {
  package static func next() -> String {
    let milliseconds = UInt64(Date().timeIntervalSince1970 * 1_000)
    let high = milliseconds << 16 | 0x7000 | UInt64.random(in: 0..<0x1000)
    let low = UInt64.random(in: 0...UInt64.max) >> 2 | 1 << 63
    let digits = Array(hex(high) + hex(low))
    let parts = [digits[..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
    return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
  }

  private static func hex(_ value: UInt64) -> [UInt8] {
    (0..<16).map { place in
      let digit = UInt8(value >> (60 - 4 * UInt64(place)) & 15)
      return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
  }
}
