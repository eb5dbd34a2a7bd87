internal import Reflection

/// A JSON value and where each part of it begins.
struct JSONTree: Sendable {
  let content: Content
  let position: TextPosition

  indirect enum Content: Sendable {
    case object([Member])
    case array([JSONTree])
    case text(String), number(String), flag(Bool)
    case none
  }

  struct Member: Sendable {
    let key: String
    let position: TextPosition
    let value: JSONTree
  }

  /// Values are nested at most so deep; a scenario needs three.
  private static let depthMax = 8

  /// Reads a value.
  init(_ bytes: [UInt8]) throws(JSONFault) {
    var reader = JSONReader(bytes, depthMax: Self.depthMax)
    var tokens: [JSONReader.Token] = []
    while let token = try reader.next() { tokens.append(token) }
    var rest = zip(tokens, Self.places(in: bytes)).map { Placed(token: $0, position: $1) }[...]
    self = Self.next(of: &rest)
  }

  private struct Placed {
    let token: JSONReader.Token
    let position: TextPosition
  }

  /// The value that begins the tokens, which are those of JSON that was read to its end.
  private static func next(of rest: inout ArraySlice<Placed>) -> JSONTree {
    guard let first = rest.popFirst() else { return JSONTree(.none, .first) }
    let content: Content
    switch first.token {
    case .beginObject:
      var members: [Member] = []
      while let member = rest.popFirst(), case .key(let key) = member.token {
        members.append(Member(key: key, position: member.position, value: next(of: &rest)))
      }
      content = .object(members)
    case .beginArray:
      var elements: [JSONTree] = []
      while let token = rest.first?.token, token != .endArray { elements.append(next(of: &rest)) }
      rest = rest.dropFirst()
      content = .array(elements)
    case .string(let text): content = .text(text)
    case .number(let text): content = .number(text)
    case .bool(let flag): content = .flag(flag)
    case .null, .key, .endObject, .endArray: content = .none
    }
    return JSONTree(content, first.position)
  }

  private init(_ content: Content, _ position: TextPosition) {
    self.content = content
    self.position = position
  }

  /// Where the tokens of JSON begin.
  private static func places(in bytes: [UInt8]) -> [TextPosition] {
    var places: [TextPosition] = []
    var offset = 0
    var position = TextPosition.first
    while offset < bytes.count {
      let begin = offset
      switch bytes[offset] {
      case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ","), UInt8(ascii: ":"): offset += 1
      case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"):
        places.append(position)
        offset += 1
      case UInt8(ascii: "\""):
        places.append(position)
        offset = end(ofStringAt: offset, in: bytes)
      default:
        places.append(position)
        while offset < bytes.count, isWord(bytes[offset]) { offset += 1 }
        offset = max(offset, begin + 1)
      }
      position = position.advanced(over: bytes[begin..<offset])
    }
    return places
  }

  private static func end(ofStringAt begin: Int, in bytes: [UInt8]) -> Int {
    var offset = begin + 1
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
      offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(offset + 1, bytes.count)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}
