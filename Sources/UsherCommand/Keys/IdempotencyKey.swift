internal import Glibc

/// What the server knows a repeated call by.
enum IdempotencyKey {
  /// A new one: a UUID of version 7, so that the server's records lie in the order of their making.
  static func make() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let milliseconds = UInt64(clamping: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    let high = milliseconds << 16 | 7 << 12 | .random(in: 0..<1 << 12)
    let low = 0b10 << 62 | UInt64.random(in: 0..<1 << 62)
    let digits = Array(hexadecimal(high) + hexadecimal(low))
    let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
    return parts.joined(separator: "-")
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
