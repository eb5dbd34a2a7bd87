public import Arguments
internal import Spelling

/// Arrivals as they were recorded: nanoseconds since the stage begins, in order.
public struct RecordedArrivals: Sendable, Hashable {
  /// When each comes.
  public let times: [UInt64]

  /// Reads a file of one arrival a line, in order: milliseconds since the stage begins, or times like
  /// `2026-03-01T10:00:00.250Z`, which count from the first. `#` begins a comment.
  public init(reading text: [UInt8], file: String) throws(UsageError) {
    var times: [UInt64] = []
    var first: Moment?
    for (index, line) in text.split(
      separator: UInt8(ascii: "\n"),
      omittingEmptySubsequences: false
    ).enumerated() {
      let words = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
        .split(whereSeparator: \.isWhitespace)
      guard let word = words.first else { continue }
      func fault(_ reason: String) -> UsageError {
        UsageError("\(file):\(index + 1): \(reason)", line: index + 1)
      }
      guard words.count == 1, let moment = Moment(String(word)) else {
        throw fault(
          "\(shown(words.joined(separator: " "))) is neither a number of milliseconds nor a time "
            + "like 2026-03-01T10:00:00Z"
        )
      }
      let origin = first ?? moment.origin
      first = origin
      guard let time = moment.nanoseconds(since: origin) else {
        throw fault("\(shown(word)) is of another kind than those before: milliseconds, or times")
      }
      guard time <= Int64(Duration.planMax.planNanoseconds) else {
        throw fault("\(shown(word)) is more than \(Duration.planMax.shortText) after the beginning")
      }
      guard time >= 0, UInt64(time) >= times.last ?? 0 else {
        throw fault("\(shown(word)) is before the line above it: arrivals are in order")
      }
      guard times.count < Scenario.peopleMax else {
        throw fault("more than \(Scenario.peopleMax.grouped) arrivals")
      }
      times.append(UInt64(time))
    }
    guard !times.isEmpty else { throw UsageError("\(file): nobody arrives in this file") }
    self.times = times
  }
}
