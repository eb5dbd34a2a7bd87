internal import Foundation
package import Measuring
internal import Spelling

/// Numbers as every report writes them: with their unit, and no more digits than were measured.
enum Numbers {
  /// What stands where there is no number.
  static let none = "–"

  /// Nanoseconds as milliseconds to three digits, without the unit: `1.94`, `31.0`, `1,204`.
  static func milliseconds(_ nanoseconds: UInt64) -> String {
    threeDigits(Double(nanoseconds) / 1e6)
  }

  /// A percentile of a histogram in nanoseconds, or a dash where too few values lie beyond it.
  static func milliseconds(_ histogram: Histogram, atShare share: Double) -> String {
    guard histogram.tells(share: share) else { return none }
    return milliseconds(histogram.value(atShare: share))
  }

  /// To three digits, and whole from a hundred on.
  static func threeDigits(_ value: Double) -> String {
    switch abs(value) {
    case ..<9.995: fixed(value, 2)
    case ..<99.95: fixed(value, 1)
    default: whole(value)
    }
  }

  /// With so many digits behind the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return none }
    return String(format: "%.\(digits)f", value)
  }

  /// Rounded, with commas.
  static func whole(_ value: Double) -> String {
    Int64(exactly: value.rounded()).map(\.grouped) ?? none
  }

  /// A span for a person, of nanoseconds: `840 ms`, `31.4 s`, `4 min 11 s`.
  static func span(_ nanoseconds: UInt64) -> String {
    let seconds = Double(nanoseconds) / 1e9
    switch seconds {
    case ..<0.9995: return "\(milliseconds(nanoseconds)) ms"
    case ..<119.95: return "\(fixed(seconds, 1)) s"
    default:
      let whole = Int64(min(seconds.rounded(), 1e15))
      return "\((whole / 60).grouped) min \(whole % 60) s"
    }
  }

  /// A span that was set, of milliseconds, with no more digits than it has: `1 s`, `0.25 s`.
  static func seconds(_ milliseconds: Int64) -> String {
    let rest = milliseconds % 1_000
    return rest == 0 ? "\(milliseconds / 1_000) s" : "\(Double(milliseconds) / 1_000) s"
  }

  /// A percentile as a span, or a dash.
  static func span(_ histogram: Histogram, atShare share: Double) -> String {
    guard histogram.tells(share: share) else { return none }
    return span(histogram.value(atShare: share))
  }

  /// A share of a whole: `97.2 %`; never 0 or 100 where it is not quite that.
  static func percent(_ part: UInt64, of whole: UInt64) -> String {
    guard whole > 0 else { return none }
    let percent = Double(part) / Double(whole) * 100
    if part > 0 && percent < 0.05 { return "< 0.1 %" }
    if part < whole && percent >= 99.95 { return "> 99.9 %" }
    return "\(fixed(percent, 1)) %"
  }

  /// How many a second.
  static func rate(_ count: UInt64, seconds: Double) -> String {
    seconds > 0 ? threeDigits(Double(count) / seconds) : none
  }

  /// A difference in percent, with its sign: `+7.9`, `−0.4`.
  static func signed(_ value: Double) -> String {
    let text = abs(value) >= 99.95 ? whole(abs(value)) : fixed(abs(value), 1)
    return (value < 0 && text != "0.0" ? "−" : "+") + text
  }

  /// Bytes in the unit that suits: `412 MiB`.
  static func bytes(_ bytes: UInt64) -> String {
    var value = Double(bytes)
    for unit in ["B", "KiB", "MiB"] {
      guard value >= 1_024 else {
        return "\(unit == "B" ? whole(value) : threeDigits(value)) \(unit)"
      }
      value /= 1_024
    }
    return "\(threeDigits(value)) GiB"
  }

  /// A moment: `2026-11-21 13:42:04 UTC`.
  static func moment(_ milliseconds: Int64) -> String {
    // From 1970 to the year 9999
    guard (0..<253_402_300_800_000).contains(milliseconds) else { return none }
    let stamp = Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    return stamp.replacing("T", with: " ").replacing("Z", with: " UTC")
  }
}

extension Histogram {
  /// Fewer values than this beyond a percentile say little of it.
  static let beyondMin: UInt64 = 10

  /// Whether enough values lie beyond a percentile for it to be told.
  package func tells(share: Double) -> Bool { beyond(share: share) >= Self.beyondMin }
}
