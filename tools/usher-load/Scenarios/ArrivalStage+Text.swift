public import Arguments
internal import Spelling

extension ArrivalStage {
  /// What a stage looks like, one of each kind.
  public static let examples = [
    "all at once", "500 at once", "100/s for 60s", "poisson 100/s for 60s",
    "ramp 10/s to 100/s for 30s", "steps 10/s to 100/s in 5 for 50s", "file arrivals.txt",
    "pause 10s",
  ]

  /// The highest rate of a stage, a second.
  public static let rateMax = 1_000_000.0
  /// The lowest that is not 0.
  static let rateMin = 0.001
  static let stepsMax = 1_000
  /// The stages that a scenario may have.
  static let stagesMax = 100

  /// Reads what ``text`` writes.
  public init(parsing text: String) throws(UsageError) {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    let count = words.count
    switch words.first {
    case "all" where count == 3 && words[1] == "at" && words[2] == "once": self = .atOnce(nil)
    case "file" where count > 1: self = .recorded(path: try Self.path(in: text))
    case "pause" where count == 2: self = .pause(try Self.time(words[1]))
    case "poisson" where count == 4 && words[2] == "for":
      self = .poisson(perSecond: try Self.rate(words[1]), for: try Self.time(words[3]))
    case "ramp" where count == 6 && words[2] == "to" && words[4] == "for":
      let (from, to) = try Self.rates(words[1], words[3])
      self = .ramp(from: from, to: to, for: try Self.time(words[5]))
    case "steps" where count == 8 && words[2] == "to" && words[4] == "in" && words[6] == "for":
      let (from, to) = try Self.rates(words[1], words[3])
      guard let steps = Int(words[5]), (2...Self.stepsMax).contains(steps) else {
        throw UsageError("\(shown(words[5])): steps are 2 to \(Self.stepsMax.grouped)")
      }
      self = .steps(from: from, to: to, count: steps, for: try Self.time(words[7]))
    case let number? where count == 3 && words[1] == "at" && words[2] == "once":
      guard let people = Int(number), (1...Scenario.peopleMax).contains(people) else {
        throw UsageError("\(shown(number)): people are 1 to \(Scenario.peopleMax.grouped)")
      }
      self = .atOnce(people)
    case let number? where count == 3 && words[1] == "for" && number.hasSuffix("/s"):
      self = .constant(perSecond: try Self.rate(number), for: try Self.time(words[2]))
    default: throw Self.noStage(text, words.first)
    }
  }

  /// Reads several, with commas between them.
  public static func stages(parsing text: String) throws(UsageError) -> [ArrivalStage] {
    var stages: [ArrivalStage] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      stages.append(try ArrivalStage(parsing: String(part)))
    }
    return stages
  }

  /// The stage as it is written in a scenario and on a command line.
  public var text: String {
    switch self {
    case .atOnce(nil): "all at once"
    case .atOnce(let people?): "\(people) at once"
    case .constant(let rate, let time): "\(plain(rate))/s for \(time.shortText)"
    case .poisson(let rate, let time): "poisson \(plain(rate))/s for \(time.shortText)"
    case .ramp(let from, let to, let time):
      "ramp \(plain(from))/s to \(plain(to))/s for \(time.shortText)"
    case .steps(let from, let to, let count, let time):
      "steps \(plain(from))/s to \(plain(to))/s in \(count) for \(time.shortText)"
    case .recorded(let path): "file \(path)"
    case .pause(let time): "pause \(time.shortText)"
    }
  }

  private static func rate(_ text: String) throws(UsageError) -> Double {
    let rate = try rateOrNone(text)
    guard rate > 0 else {
      throw UsageError(
        "\(text): nobody would come",
        hint: "for a while without arrivals, pause 10s."
      )
    }
    return rate
  }

  private static func rates(_ from: String, _ to: String) throws(UsageError) -> (Double, Double) {
    let rates = (try rateOrNone(from), try rateOrNone(to))
    guard rates.0 > 0 || rates.1 > 0 else {
      throw UsageError("\(from) to \(to): nobody would come")
    }
    return rates
  }

  private static func rateOrNone(_ text: String) throws(UsageError) -> Double {
    guard text.hasSuffix("/s"), let rate = decimal(text.dropLast(2)) else {
      throw UsageError("\(shown(text)): a rate is a number a second: 100/s, 0.5/s")
    }
    guard rate == 0 || (rateMin...rateMax).contains(rate) else {
      throw UsageError(
        "\(shown(text)): a rate is 0/s, or from \(plain(rateMin))/s to \((Int(rateMax)).grouped)/s"
      )
    }
    return rate
  }

  private static func time(_ text: String) throws(UsageError) -> Duration {
    let time = try Duration(parsing: text)
    guard (.milliseconds(1)...(.planMax)).contains(time) else {
      throw UsageError("\(shown(text)): a stage lasts from 1ms to \(Duration.planMax.shortText)")
    }
    return time
  }

  private static func path(in text: String) throws(UsageError) -> String {
    let path = text.drop(while: \.isWhitespace).dropFirst("file".count).drop(while: \.isWhitespace)
    let end = path.lastIndex { !$0.isWhitespace }
    let name = end.map { String(path[...$0]) } ?? ""
    guard !name.contains(where: { $0 == "," || $0.isNewline }) else {
      throw UsageError("\(shown(name)): a file's name has no comma here, which parts stages")
    }
    return name
  }

  private static func noStage(_ text: String, _ first: String?) -> UsageError {
    let kinds = ["all", "poisson", "ramp", "steps", "file", "pause"]
    let similar = first.flatMap { word in
      kinds.contains(word) ? nil : nearest(to: String(word.prefix(20)), among: kinds)
    }
    let example = first.flatMap { word in
      examples.first { $0.hasPrefix((similar ?? word) + " ") }
    }
    return UsageError(
      "\(shown(text)) is no stage of arrivals"
        + (similar.map { "; a similar one begins with \($0)" } ?? ""),
      hint: example.map { "it is written \($0)." } ?? "stages are: "
        + examples.joined(separator: ", ")
    )
  }
}
