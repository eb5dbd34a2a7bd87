public import Arguments
internal import Spelling

extension Goal {
  /// What a goal looks like.
  public static let examples = [
    "p99(hold)<50ms", "max(pay)<2s", "p90(seat)<30s", "errors<0.1%", "errors(hold)<1%",
    "rate(hold)>500/s", "kept>90%", "sold=600",
  ]

  /// What can be measured by itself: the calls of the journey; `call`, those of a run of calls;
  /// `line`, from entering to being let in; `seat`, from arriving to owning a seat.
  public static let subjects = [
    "register", "charge", "enter", "check", "watch", "claim", "dates", "seats", "hold", "release",
    "pay", "cancel", "leave", "dead-token", "call", "line", "seat",
  ]

  /// Those of them that are no calls, and are only long.
  static let waits = ["line", "seat"]

  /// Reads a goal.
  public init(parsing text: String) throws(UsageError) {
    var scanner = GoalScanner(text)
    let (measure, kind) = try scanner.measure()
    let subject = try scanner.subject(of: measure)
    let comparison = try scanner.comparison(of: kind)
    bound = try scanner.bound(of: kind)
    self.text = text
    self.measure = measure
    self.subject = subject
    self.comparison = comparison
  }
}

extension Goal.Measure {
  /// What its values are.
  enum Kind {
    case time, share, rate, count
  }

  var kind: Kind {
    switch self {
    case .percentile, .max: .time
    case .errors, .kept: .share
    case .rate: .rate
    case .sold: .count
    }
  }
}

/// Reads a goal from left to right, and says where it stopped being one.
private struct GoalScanner {
  private let text: String
  private let characters: [Character]
  private var offset = 0

  init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  mutating func measure() throws(UsageError) -> (Goal.Measure, Goal.Measure.Kind) {
    skipSpace()
    let begin = offset
    let name = take { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_" }
    let measure: Goal.Measure
    switch name {
    case "max": measure = .max
    case "errors": measure = .errors
    case "rate": measure = .rate
    case "kept": measure = .kept
    case "sold": measure = .sold
    case "": throw fault(at: begin, "a measure is expected")
    default:
      guard name.hasPrefix("p"), let percentile = decimal(name.dropFirst()) else {
        let names = ["p50", "p90", "p99", "p99.9", "max", "errors", "rate", "kept", "sold"]
        throw fault(at: begin, "there is no measure \(shown(name))", similar: name, among: names)
      }
      guard percentile > 0, percentile < 100 else {
        throw fault(at: begin, "a percentile is above 0 and below 100; for the longest, max")
      }
      measure = .percentile(percentile)
    }
    return (measure, measure.kind)
  }

  mutating func subject(of measure: Goal.Measure) throws(UsageError) -> String? {
    skipSpace()
    guard peek == "(" else {
      if measure.kind == .time {
        throw fault(at: offset, "(STEP) is expected: what takes the time")
      }
      return nil
    }
    guard measure != .kept, measure != .sold else {
      throw fault(at: offset, "this is measured of the whole run, and of no step")
    }
    offset += 1
    skipSpace()
    let begin = offset
    let name = take { $0 != ")" && !$0.isWhitespace }
    skipSpace()
    guard peek == ")" else { throw fault(at: offset, ") is expected") }
    offset += 1
    guard Goal.subjects.contains(name) else {
      throw fault(
        at: begin,
        "there is no step \(shown(name))",
        similar: name,
        among: Goal.subjects
      )
    }
    guard measure.kind == .time || !Goal.waits.contains(name) else {
      throw fault(at: begin, "\(name) is no call, and has only a length")
    }
    return name
  }

  mutating func comparison(of kind: Goal.Measure.Kind) throws(UsageError) -> Goal.Comparison {
    skipSpace()
    let begin = offset
    let sign = take { "<>=".contains($0) }
    guard let comparison = Goal.Comparison(rawValue: sign) else {
      throw fault(at: begin, "one of <, <=, >, >= and = is expected")
    }
    guard comparison != .equal || kind == .count || kind == .share else {
      throw fault(at: begin, "a time or a rate is never exactly so much: <, <=, > or >=")
    }
    return comparison
  }

  mutating func bound(of kind: Goal.Measure.Kind) throws(UsageError) -> Double {
    skipSpace()
    let begin = offset
    let number = take { $0.isNumber || $0 == "." }
    guard let value = decimal(number) else { throw fault(at: begin, "a number is expected") }
    skipSpace()
    let unitBegin = offset
    let unit = String(characters[offset...]).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    guard let (scale, limit) = Self.scale(of: unit, kind) else {
      let example =
        switch kind {
        case .time: "us, ms, s or m"
        case .share: "%"
        case .rate: "/s"
        case .count: "nothing more"
        }
      throw fault(at: unitBegin, "\(example) is expected behind the number")
    }
    guard value * scale <= limit, kind != .count || value == value.rounded() else {
      let reason =
        switch kind {
        case .time: "a time is at most \(Duration.planMax.shortText)"
        case .share: "a share is at most 100%"
        case .rate: "a rate is at most \((Int(limit)).grouped)/s"
        case .count: "a whole number is expected, at most \((Int(limit)).grouped)"
        }
      throw fault(at: begin, reason)
    }
    // Divided, since a hundredth is no number that one could multiply by and be exact.
    return kind == .share ? value / 100 : value * scale
  }

  private static func scale(
    of unit: String,
    _ kind: Goal.Measure.Kind
  ) -> (scale: Double, limit: Double)? {
    let day = Double(Duration.planMax.planNanoseconds)
    return switch (kind, unit) {
    case (.time, "us"): (1e3, day)
    case (.time, "ms"): (1e6, day)
    case (.time, "s"): (1e9, day)
    case (.time, "m"): (60e9, day)
    case (.share, "%"): (1, 100)
    case (.rate, "/s"): (1, 1e9)
    case (.count, ""): (1, 1e9)
    default: nil
    }
  }

  private var peek: Character? { offset < characters.count ? characters[offset] : nil }

  private mutating func skipSpace() { _ = take(\.isWhitespace) }

  private mutating func take(_ isWanted: (Character) -> Bool) -> String {
    let begin = offset
    while let character = peek, isWanted(character) { offset += 1 }
    return String(characters[begin..<offset])
  }

  private func fault(
    at place: Int,
    _ reason: String,
    similar word: String = "",
    among known: [String] = []
  ) -> UsageError {
    let similar = nearest(to: String(word.prefix(20)), among: known)
      .map { "; a similar one exists: \($0)" }
    return UsageError(
      "\(shown(text)), column \(place + 1): \(reason)\(similar ?? "")",
      hint: "goals are written like " + Goal.examples.prefix(4).joined(separator: ", ") + "."
    )
  }
}
