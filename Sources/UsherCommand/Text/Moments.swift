internal import Arguments
internal import Foundation

/// Moments and spans of time, in milliseconds, as people read and type them.
enum Moments {
  private static let day: Int64 = 86_400_000

  /// A moment that scripts can read: `2026-11-21T13:42:04Z`.
  static func stamp(_ milliseconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
  }

  /// A moment for a person, with its day unless that is the day of `now`: `13:42:04 UTC`.
  static func text(_ milliseconds: Int64, now: Int64 = 0) -> String {
    let parts = stamp(milliseconds).dropLast().split(separator: "T")
    guard parts.count == 2 else { return stamp(milliseconds) }
    let isToday = milliseconds / day == now / day
    return (isToday ? "" : "\(parts[0]) ") + "\(parts[1]) UTC"
  }

  /// How long something takes, for a person: `4m 11s`.
  static func span(_ milliseconds: Int64) -> String {
    guard milliseconds > 0 else { return "0s" }
    guard milliseconds >= 1_000 else { return "\(milliseconds)ms" }
    let seconds = (milliseconds + 500) / 1_000
    let units: [(size: Int64, name: String, below: Int64, belowName: String)] = [
      (86_400, "d", 3_600, "h"), (3_600, "h", 60, "m"), (60, "m", 1, "s"),
    ]
    guard let unit = units.first(where: { seconds >= $0.size }) else { return "\(seconds)s" }
    let rest = seconds % unit.size / unit.below
    return "\(seconds / unit.size)\(unit.name)" + (rest == 0 ? "" : " \(rest)\(unit.belowName)")
  }

  /// A span as flags take it: `5m`, exactly.
  static func flag(_ milliseconds: some BinaryInteger) -> String {
    Duration.milliseconds(Int64(milliseconds)).shortText
  }

  /// The moment that was typed behind a flag: `2026-12-01T10:00:00Z`, or `+90m` from now.
  static func parse(_ text: String, of flag: String, now: Date = Date()) throws -> Int64 {
    let moment: Date
    if text.hasPrefix("+") {
      moment = now.addingTimeInterval(Double(try span(String(text.dropFirst()), of: flag)) / 1_000)
    } else {
      do {
        moment = try Date(text, strategy: .iso8601)
      } catch {
        throw UsageError(
          "--\(flag): \(text): a time is 2026-12-01T10:00:00Z, or +90m for one from now"
        )
      }
    }
    return Int64(moment.timeIntervalSince1970 * 1_000)
  }

  /// The span that was typed behind a flag.
  static func span(_ text: String, of flag: String) throws -> Int64 {
    do throws(UsageError) {
      return Int64(try Duration(parsing: text) / .milliseconds(1))
    } catch {
      throw UsageError("--\(flag): \(error.description)", hint: error.hint)
    }
  }
}
