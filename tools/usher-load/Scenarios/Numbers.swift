internal import Arguments

/// A number as a person writes one: digits, and a point among them if need be. No sign, no exponent,
/// no name for what is no number.
func decimal(_ text: some StringProtocol) -> Double? {
  let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  let areDigits = parts.allSatisfy { part in
    !part.isEmpty && part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }
  guard areDigits, text.utf8.count <= 24 else { return nil }
  return Double(text)
}

/// The number as ``decimal(_:)`` reads it, where it is within the bounds of a plan: below 2^53, and a
/// thousandth or more if it is not 0.
func plain(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 0x1p53 ? "\(Int64(number))" : "\(number)"
}

extension Duration {
  /// The most that a plan may last, or wait.
  static let planMax = Duration.seconds(86_400)

  /// In nanoseconds, never below 0 nor above a day.
  var planNanoseconds: UInt64 {
    let bounded = min(max(self, .zero), .planMax).components
    return UInt64(bounded.seconds) * 1_000_000_000 + UInt64(bounded.attoseconds / 1_000_000_000)
  }

  /// In seconds, never below 0 nor above a day.
  var planSeconds: Double { Double(planNanoseconds) / 1e9 }
}

/// What a person wrote, short enough to be shown in one line.
func shown(_ text: some StringProtocol) -> String {
  let line = text.prefix(60).map { $0.isNewline ? " " : $0 }
  return "\"\(String(line))\(text.count > 60 ? "..." : "")\""
}
