/// Writes JSON: on one line, or spread out for a person to edit. Whoever writes says what a value is
/// made of, in order; commas and space come by themselves.
package struct JSONWriter {
  /// What was written.
  package private(set) var bytes: [UInt8] = []

  private let isSpread: Bool
  private var depth = 0
  /// Whether something stands in the innermost container already.
  private var hasContent = false
  private var isBehindKey = false

  /// A writer; `isSpread` puts every member on a line of its own.
  package init(isSpread: Bool = false) { self.isSpread = isSpread }

  /// What was written, as text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package mutating func beginObject() { open("{") }
  package mutating func endObject() { close("}") }
  package mutating func beginArray() { open("[") }
  package mutating func endArray() { close("]") }

  /// A member's key; its value has to follow.
  package mutating func key(_ key: String) {
    beginValue()
    appendQuoted(key)
    bytes.append(UInt8(ascii: ":"))
    if isSpread { bytes.append(UInt8(ascii: " ")) }
    isBehindKey = true
  }

  package mutating func string(_ string: String) {
    beginValue()
    appendQuoted(string)
  }

  package mutating func bool(_ bool: Bool) { raw(bool ? "true" : "false") }
  package mutating func number(_ number: some BinaryInteger) { raw("\(number)") }

  /// A number that has a form in JSON: neither infinite nor NaN.
  package mutating func number(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
    precondition(number.isFinite, "JSON has no such number")
    raw(number.description)
  }

  private mutating func raw(_ text: String) {
    beginValue()
    bytes += text.utf8
  }

  private mutating func open(_ bracket: Unicode.Scalar) {
    beginValue()
    bytes.append(UInt8(ascii: bracket))
    depth += 1
    hasContent = false
  }

  private mutating func close(_ bracket: Unicode.Scalar) {
    precondition(depth > 0 && !isBehindKey, "nothing is open that could be closed")
    depth -= 1
    if hasContent { newLine() }
    bytes.append(UInt8(ascii: bracket))
    hasContent = true
  }

  private mutating func beginValue() {
    defer { hasContent = true }
    if isBehindKey {
      isBehindKey = false
      return
    }
    if hasContent, depth > 0 { bytes.append(UInt8(ascii: ",")) }
    if depth > 0 { newLine() }
  }

  private mutating func newLine() {
    guard isSpread else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(UInt8(ascii: " "), count: depth * 2)
  }

  private mutating func appendQuoted(_ string: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0x0a: bytes += "\\n".utf8
      case 0x0d: bytes += "\\r".utf8
      case 0x09: bytes += "\\t".utf8
      // A terminal takes DEL for more than text too.
      case 0..<0x20, 0x7f: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
