public import Arguments
internal import Reflection
internal import Spelling

/// Text with places to fill in, read once and filled in for every call.
///
/// `{{n}}` is the call's number, `{{uuid}}` a version 7 UUID, `{{random 1 50}}` a whole number from the
/// first to the second, `{{pick a b c}}` one of the words, `{{now_ms}}` milliseconds since 1970 and
/// `{{user}}` the user that the call is made for. All chance is drawn in the order of the places.
public struct PayloadTemplate: Sendable, Hashable {
  /// The text as it was given.
  public let text: String

  private let pieces: [Piece]

  /// The most that a template may have.
  public static let bytesMax = 1 << 20

  private enum Piece: Sendable, Hashable {
    case text(String)
    case place(Place, written: String)
  }

  private enum Place: Sendable, Hashable {
    case number, uuid, now, user
    case random(ClosedRange<Int64>)
    case pick([String])
  }

  /// What a place is filled in with.
  public struct Values: Sendable, Hashable {
    /// The call's number.
    public var number: Int
    /// Milliseconds since 1970.
    public var nowMs: Int64
    /// The user that the call is made for. It goes in as it is, even where quotes stand around it.
    public var user: String

    /// What call `number` is filled in with.
    public init(number: Int, nowMs: Int64, user: String = "") {
      self.number = number
      self.nowMs = nowMs
      self.user = user
    }
  }

  /// The text for a call, all chance in it drawn from `random`.
  public func expanded(with values: Values, random: inout SeededRandom) -> String {
    pieces.reduce(into: "") { text, piece in
      switch piece {
      case .text(let part): text += part
      case .place(let place, _): text += Self.filled(place, values, &random)
      }
    }
  }

  /// Whether every call has the same text.
  public var isConstant: Bool {
    pieces.allSatisfy { if case .text = $0 { true } else { false } }
  }

  private static func filled(
    _ place: Place,
    _ values: Values,
    _ random: inout SeededRandom
  ) -> String {
    switch place {
    case .number: "\(values.number)"
    case .now: "\(values.nowMs)"
    case .user: values.user
    case .random(let range): "\(Int64.random(in: range, using: &random))"
    case .pick(let words): words[Int.random(in: words.indices, using: &random)]
    case .uuid: uuid(values.nowMs, &random)
    }
  }

  private static func uuid(_ nowMs: Int64, _ random: inout SeededRandom) -> String {
    let time = UInt64(clamping: nowMs) & 0xffff_ffff_ffff
    let high = time << 16 | 0x7000 | random.next() & 0xfff
    let low = 0x8000_0000_0000_0000 | random.next() >> 2
    let digits = Array(hexadecimal(high) + hexadecimal(low))
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
    return groups.map { String(digits[$0]) }.joined(separator: "-")
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

// MARK: - Reading

extension PayloadTemplate {
  /// Reads a template.
  public init(parsing text: String) throws(UsageError) {
    guard text.utf8.count <= Self.bytesMax else {
      throw UsageError("a template has at most \(Self.bytesMax.grouped) bytes")
    }
    var pieces: [Piece] = []
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      let behind = rest[open.upperBound...]
      let place = TextPosition.first.advanced(over: text[..<open.lowerBound].utf8)
      guard let close = behind.firstRange(of: "}}") else {
        throw Self.fault(at: place, "{{ is not closed by }}")
      }
      let inside = behind[..<close.lowerBound]
      if open.lowerBound > rest.startIndex {
        pieces.append(.text(String(rest[..<open.lowerBound])))
      }
      pieces.append(
        .place(try Self.place(inside, at: place), written: "{{\(inside)}}")
      )
      rest = behind[close.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    self.text = text
    self.pieces = pieces
  }

  private static func place(
    _ text: Substring,
    at position: TextPosition
  ) throws(UsageError) -> Place {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard !text.contains(where: \.isNewline) else {
      throw fault(at: position, "a place to fill in stands on one line")
    }
    switch words.first {
    case "n" where words.count == 1: return .number
    case "uuid" where words.count == 1: return .uuid
    case "now_ms" where words.count == 1: return .now
    case "user" where words.count == 1: return .user
    case "random":
      guard words.count == 3, let least = Int64(words[1]), let most = Int64(words[2]),
        least <= most
      else {
        throw fault(at: position, "{{random LEAST MOST}} is expected, with two whole numbers")
      }
      return .random(least...most)
    case "pick":
      guard words.count > 1 else {
        throw fault(at: position, "{{pick A B ...}} is expected, with a word or more")
      }
      return .pick(Array(words.dropFirst()))
    case let name?:
      let names = ["n", "uuid", "random", "pick", "now_ms", "user"]
      guard !names.contains(name) else {
        throw fault(at: position, "{{\(name)}} is expected, with nothing behind the name")
      }
      let similar = nearest(to: String(name.prefix(20)), among: names)
        .map { "; a similar one exists: {{\($0)}}" }
      throw fault(
        at: position,
        "{{\(name.prefix(20))}} is nothing that can be filled in\(similar ?? "")"
      )
    case nil: throw fault(at: position, "{{}} says nothing to fill in")
    }
  }

  private static func fault(at position: TextPosition, _ reason: String) -> UsageError {
    UsageError("line \(position.line), column \(position.column): \(reason)")
  }
}

// MARK: - JSON

extension PayloadTemplate {
  /// Refuses what is not JSON once it is filled in, and says where in the template.
  func checkJSON() throws(UsageError) {
    var random = SeededRandom(seed: 0)
    let values = Values(number: 1, nowMs: 1, user: "u")
    var parts: [(filled: String, written: String)] = []
    for piece in pieces {
      switch piece {
      case .text(let text): parts.append((text, text))
      case .place(let place, let written):
        parts.append((Self.filled(place, values, &random), written))
      }
    }
    var reader = JSONReader(Array(parts.map(\.filled).joined().utf8), depthMax: 64)
    do {
      while try reader.next() != nil {}
    } catch {
      throw Self.fault(at: Self.place(of: error.position, in: parts), error.reason)
    }
  }

  /// The place in what was written for one in what was filled in.
  private static func place(
    of position: TextPosition,
    in parts: [(filled: String, written: String)]
  ) -> TextPosition {
    var filled = TextPosition.first
    var written = TextPosition.first
    for part in parts {
      let end = filled.advanced(over: part.filled.utf8)
      guard (end.line, end.column) <= (position.line, position.column) else {
        guard part.filled == part.written else { return written }
        var place = position
        // Nothing that is filled in breaks a line, so lines are as they were written.
        if position.line == filled.line { place.column += written.column - filled.column }
        return place
      }
      filled = end
      written = written.advanced(over: part.written.utf8)
    }
    return written
  }
}
