/// Cuts text that comes in pieces into the JSON values that stand in it, one behind the other with
/// or without space between.
///
/// A value is cut off as soon as it is complete, so that what a person types can be sent before they
/// type more. Whether it is JSON, ``JSONReader`` finds out; here only brackets and quotes are counted.
package struct JSONSplitter {
  /// One value and where it begins.
  package struct Part: Hashable, Sendable {
    package let bytes: [UInt8]
    package let position: TextPosition
  }

  private let valueBytesMax: Int
  private var waiting: [UInt8] = []
  /// Where the next value begins, and up to where it was looked at.
  private var begin = 0
  private var scanned = 0
  private var position = TextPosition.first
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  /// A splitter that refuses values of more than `valueBytesMax`.
  package init(valueBytesMax: Int) { self.valueBytesMax = valueBytesMax }

  /// Takes more text.
  package mutating func append(_ bytes: some Sequence<UInt8>) {
    waiting.removeFirst(begin)
    scanned -= begin
    begin = 0
    waiting += bytes
  }

  /// The next value that is complete; nil if more text is needed. With `isAtEnd` no more comes, and
  /// what is left is the last value, complete or not.
  package mutating func next(isAtEnd: Bool) throws(JSONFault) -> Part? {
    if scanned == begin { dropSpace() }
    while scanned < waiting.count {
      let byte = waiting[scanned]
      // A value of one word ends before what cannot be part of it.
      if depth == 0, !isInString, scanned > begin, Self.endsWord(byte) { return cut() }
      scanned += 1
      if count(byte) { return cut() }
      guard scanned - begin <= valueBytesMax else {
        throw JSONFault(reason: "the value has over \(valueBytesMax) bytes", position: position)
      }
    }
    return isAtEnd && scanned > begin ? cut() : nil
  }

  /// Whether a value that has brackets or quotes ends with `byte`.
  private mutating func count(_ byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
        return depth == 0
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth = max(0, depth - 1)
      return depth == 0
    default: break
    }
    return false
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    JSONReader.isSpace(byte) || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
      || byte == UInt8(ascii: "\"")
  }

  private mutating func cut() -> Part {
    let part = Part(bytes: Array(waiting[begin..<scanned]), position: position)
    forget(to: scanned)
    depth = 0
    isInString = false
    isEscaped = false
    return part
  }

  private mutating func dropSpace() {
    forget(to: waiting[begin...].firstIndex { !JSONReader.isSpace($0) } ?? waiting.count)
    scanned = begin
  }

  private mutating func forget(to end: Int) {
    position = position.advanced(over: waiting[begin..<end])
    begin = end
  }
}
