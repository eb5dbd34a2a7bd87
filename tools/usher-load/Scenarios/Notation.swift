public import Arguments
internal import Spelling

extension Notation where Value == String {
  /// A line of text, of so many characters.
  static func line(_ lengths: ClosedRange<Int>) -> Notation {
    Notation(
      forms: [.text],
      read: { (text) throws(UsageError) in
        guard lengths.contains(text.count), text == text.printable else {
          throw UsageError(
            "\(shown(text)): a line of \(lengths.lowerBound) to \(lengths.upperBound) characters is "
              + "expected, none of which steers a terminal"
          )
        }
        return text
      },
      write: { .text($0) }
    )
  }

  /// What the server takes for a gate's name.
  static let gateName = Notation(
    forms: [.text],
    read: { (text) throws(UsageError) in
      let isPlain = text.utf8.allSatisfy { character in
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "."):
          true
        default: false
        }
      }
      guard isPlain, (1...64).contains(text.utf8.count) else {
        throw UsageError(
          "\(shown(text)): a gate's name is 1 to 64 letters, digits, dots, dashes and underscores"
        )
      }
      return text
    },
    write: { .text($0) }
  )
}

extension Notation where Value: FixedWidthInteger {
  /// A whole number within bounds.
  static func whole(_ bounds: ClosedRange<Value>) -> Notation {
    Notation(
      forms: [.number],
      read: { (text) throws(UsageError) in
        let isPlain = text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard isPlain, let value = Value(text), bounds.contains(value) else {
          throw UsageError(
            "\(shown(text)): a whole number from \(bounds.lowerBound.grouped) to "
              + "\(bounds.upperBound.grouped) is expected"
          )
        }
        return value
      },
      write: { Int64(exactly: $0).map { .whole($0) } ?? .unsigned(UInt64(clamping: $0)) }
    )
  }
}

extension Notation where Value == Double {
  /// 0, or a number from a thousandth to the most.
  static func real(upTo most: Double) -> Notation {
    Notation(
      forms: [.number],
      read: { (text) throws(UsageError) in
        guard let value = decimal(text), value == 0 || (0.001...most).contains(value) else {
          throw UsageError(
            "\(shown(text)): 0, or a number from 0.001 to \(plain(most)) is expected"
          )
        }
        return value
      },
      write: { .real($0) }
    )
  }
}

extension Notation where Value == Bool {
  static let flag = Notation(
    forms: [.flag],
    read: { (text) throws(UsageError) in
      switch text {
      case "true": return true
      case "false": return false
      default: throw UsageError("\(shown(text)): true or false is expected")
      }
    },
    write: { .flag($0) }
  )
}

extension Notation where Value == Duration {
  /// A duration within bounds.
  static func time(_ bounds: ClosedRange<Duration>) -> Notation {
    Notation(
      forms: [.text],
      read: { (text) throws(UsageError) in
        let time = try Duration(parsing: text)
        guard bounds.contains(time) else {
          throw UsageError(
            "\(text): a time from \(bounds.lowerBound.shortText) to \(bounds.upperBound.shortText) "
              + "is expected"
          )
        }
        return time
      },
      write: { .text($0.shortText) }
    )
  }

  /// What a person may wait, or take.
  static let plan = time(.zero...(.planMax))

  /// What a gate may give.
  static let gateTime = time(.milliseconds(1)...(.planMax))
}

extension Notation where Value == Share {
  static let share = Notation(
    forms: [.text],
    read: { (text) throws(UsageError) in try Share(parsing: text) },
    write: { .text($0.text) }
  )

  /// What the server counts in.
  static let wholePercent = Notation(
    forms: [.text],
    read: { (text) throws(UsageError) in
      let share = try Share(parsing: text)
      guard share.millionths % 10_000 == 0 else {
        throw UsageError("\(text): a gate counts in whole percents")
      }
      return share
    },
    write: { .text($0.text) }
  )
}

extension Notation {
  /// From one value to another, `1s to 2s`; where both are the same, `1s`.
  static func range<Bound: Comparable & Sendable>(
    of notation: Notation<Bound>
  ) -> Notation where Value == ClosedRange<Bound> {
    @Sendable func text(_ bound: Bound) -> String {
      switch notation.write(bound) {
      case .text(let text): text
      case .whole(let number): "\(number)"
      default: "\(bound)"
      }
    }
    return Notation(
      forms: notation.forms.union([.text]),
      read: { (written) throws(UsageError) in
        let words = written.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 1 || words.count == 3 && words[1] == "to", let first = words.first,
          let last = words.last
        else { throw UsageError("\(shown(written)): LEAST to MOST is expected, or one value") }
        let least = try notation.read(first)
        let most = try notation.read(last)
        guard least <= most else { throw UsageError("\(first) is more than \(last)") }
        return least...most
      },
      write: { range in
        let least = text(range.lowerBound)
        return .text(
          range.lowerBound == range.upperBound ? least : "\(least) to \(text(range.upperBound))"
        )
      }
    )
  }
}

extension Share {
  /// Reads `10%`, with four decimals at most.
  public init(parsing text: String) throws(UsageError) {
    guard text.hasSuffix("%"), let percent = decimal(text.dropLast()) else {
      throw UsageError(
        "\(shown(text)): a share is a number of percents: 10%, 0.5%",
        hint: decimal(text).map { "for \(plain($0)) of a hundred, \(plain($0))%." }
      )
    }
    let millionths = (min(percent, 1_000) * 10_000).rounded()
    guard percent <= 100, abs(millionths - percent * 10_000) < 1e-6,
      let share = Share(millionths: UInt32(millionths))
    else {
      throw UsageError("\(shown(text)): a share is from 0% to 100%, with four decimals at most")
    }
    self = share
  }

  /// The share as ``init(parsing:)`` reads it.
  public var text: String { "\(plain(Double(millionths) / 10_000))%" }
}
