extension String {
  /// Text of `count` bytes. `String(repeating:count:)` goes character by character, which takes
  /// milliseconds for a megabyte.
  package static func long(_ count: Int) -> String {
    String(decoding: [UInt8](repeating: UInt8(ascii: "x"), count: count), as: UTF8.self)
  }
}
