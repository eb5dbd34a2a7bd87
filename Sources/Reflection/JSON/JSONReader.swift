/// Reads one JSON value from text, token by token, and nothing that is not JSON: no comments, no
/// trailing commas, no lone surrogates, no bytes that are not UTF-8.
///
/// It builds nothing, so a value costs no more than its largest string. Numbers are handed on as
/// they are written, since only the reader of one knows how exact it has to be.
package struct JSONReader {
  /// What text is made of. Commas and colons are checked here and not handed on.
  package enum Token: Hashable, Sendable {
    case beginObject, endObject, beginArray, endArray
    case key(String), string(String), number(String), bool(Bool), null
  }

  /// What may come next.
  private enum Expected {
    case value
    case end
    case firstKey, nextKey
    case memberValue
    case firstElement, nextElement
  }

  private let bytes: [UInt8]
  private let depthMax: Int
  private let start: TextPosition
  private var offset = 0
  /// What comes after the containers that are open, from the outermost on.
  private var outer: [Expected] = []
  private var expected = Expected.value

  /// A reader of `bytes`, which stood at `start` in what a person wrote. Values are nested at most
  /// `depthMax` deep.
  package init(_ bytes: [UInt8], depthMax: Int, startingAt start: TextPosition = .first) {
    self.bytes = bytes
    self.depthMax = depthMax
    self.start = start
  }

  /// The next token; nil when the value is complete and only space follows it.
  package mutating func next() throws(JSONFault) -> Token? {
    skipSpace()
    switch expected {
    case .end:
      guard offset == bytes.count else { throw fault("nothing may follow the value") }
      return nil
    case .value, .memberValue: return try value()
    case .firstKey:
      if take("}") { return close(.endObject) }
      return try key()
    case .nextKey:
      if take("}") { return close(.endObject) }
      guard take(",") else { throw fault("expected , or }") }
      skipSpace()
      return try key()
    case .firstElement:
      if take("]") { return close(.endArray) }
      return try value()
    case .nextElement:
      if take("]") { return close(.endArray) }
      guard take(",") else { throw fault("expected , or ]") }
      skipSpace()
      return try value()
    }
  }
}

/// A place in text: both count from 1, the column in characters.
package struct TextPosition: Hashable, Sendable {
  package var line: Int
  package var column: Int

  /// Where text begins.
  package static let first = TextPosition(line: 1, column: 1)

  /// The place behind `bytes` that begin here. What is not the first byte of a character counts for
  /// nothing.
  package func advanced(over bytes: some Sequence<UInt8>) -> TextPosition {
    var position = self
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        position = TextPosition(line: position.line + 1, column: 1)
      } else if byte & 0xc0 != 0x80 {
        position.column += 1
      }
    }
    return position
  }
}

/// Text that is not JSON, and where.
package struct JSONFault: Error, Hashable, CustomStringConvertible {
  package let reason: String
  package let position: TextPosition

  package var description: String {
    "\(reason) (line \(position.line), column \(position.column))"
  }
}

// MARK: - Structure

extension JSONReader {
  private mutating func value() throws(JSONFault) -> Token {
    guard let byte = peek else { throw fault("a value is expected, and nothing is there") }
    switch byte {
    case UInt8(ascii: "{"): return try open(.firstKey, .beginObject)
    case UInt8(ascii: "["): return try open(.firstElement, .beginArray)
    case UInt8(ascii: "\""):
      let text = try string()
      valueEnded()
      return .string(text)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let text = try number()
      valueEnded()
      return .number(text)
    default: return try word()
    }
  }

  private mutating func word() throws(JSONFault) -> Token {
    for (word, token) in [("true", Token.bool(true)), ("false", .bool(false)), ("null", .null)]
    where bytes[offset...].starts(with: word.utf8) {
      offset += word.utf8.count
      valueEnded()
      return token
    }
    throw fault("expected a value, which begins with {, [, \", a digit, true, false or null")
  }

  private mutating func key() throws(JSONFault) -> Token {
    guard peek == UInt8(ascii: "\"") else { throw fault("expected a key in double quotes") }
    let key = try string()
    skipSpace()
    guard take(":") else { throw fault("expected : behind the key") }
    expected = .memberValue
    return .key(key)
  }

  private mutating func open(_ inside: Expected, _ token: Token) throws(JSONFault) -> Token {
    guard outer.count < depthMax else { throw fault("more than \(depthMax) values are nested") }
    offset += 1
    outer.append(afterValue)
    expected = inside
    return token
  }

  private mutating func close(_ token: Token) -> Token {
    expected = outer.popLast() ?? .end
    return token
  }

  private mutating func valueEnded() { expected = afterValue }

  /// What comes after a value that may come now.
  private var afterValue: Expected {
    switch expected {
    case .memberValue: .nextKey
    case .firstElement, .nextElement: .nextElement
    default: .end
    }
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = peek, byte == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, Self.isSpace(byte) { offset += 1 }
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  private func fault(_ reason: String) -> JSONFault {
    JSONFault(reason: reason, position: start.advanced(over: bytes[..<offset]))
  }
}

// MARK: - Strings and numbers

extension JSONReader {
  private mutating func string() throws(JSONFault) -> String {
    offset += 1
    var content: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw fault("a string is not UTF-8")
        }
        offset += 1
        return text
      case UInt8(ascii: "\\"):
        offset += 1
        content += try escaped()
      case 0..<0x20: throw fault("a string holds a control character, which has to be escaped")
      default:
        content.append(byte)
        offset += 1
      }
    }
    throw fault("a string does not end")
  }

  private mutating func escaped() throws(JSONFault) -> [UInt8] {
    let letters: [(Unicode.Scalar, UInt8)] = [
      ("\"", 0x22), ("\\", 0x5c), ("/", 0x2f), ("b", 8), ("f", 12), ("n", 10), ("r", 13), ("t", 9),
    ]
    for (letter, byte) in letters where take(letter) { return [byte] }
    guard take("u") else { throw fault("there is no such escape") }
    var unit = try hexUnit()
    if 0xd800..<0xdc00 ~= unit, take("\\") {
      guard take("u") else { throw fault("half of a surrogate pair stands alone") }
      let low = try hexUnit()
      guard 0xdc00..<0xe000 ~= low else { throw fault("half of a surrogate pair stands alone") }
      unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(unit) else {
      throw fault("half of a surrogate pair stands alone")
    }
    return Array(String(scalar).utf8)
  }

  private mutating func hexUnit() throws(JSONFault) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
      else { throw fault("four hexadecimal digits are expected behind \\u") }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }

  private mutating func number() throws(JSONFault) -> String {
    let begin = offset
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return String(decoding: bytes[begin..<offset], as: UTF8.self)
  }

  private mutating func digits() throws(JSONFault) {
    let begin = offset
    while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { offset += 1 }
    guard offset > begin else { throw fault("expected a digit") }
  }
}
