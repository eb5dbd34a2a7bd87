internal import Glibc

extension Goal {
  /// Whether it is met by what `value` knows of a measure and a step, and what that is, with its unit.
  /// What nobody measured meets nothing.
  public func judge(
    _ value: (Measure, String?) -> Double?
  ) -> (measured: String?, isMet: Bool) {
    guard let value = value(measure, subject), value.isFinite else { return (nil, false) }
    let isMet =
      switch comparison {
      case .less: value < bound
      case .atMost: value <= bound
      case .more: value > bound
      case .atLeast: value >= bound
      case .equal: value == bound
      }
    return (measure.text(of: value, apartFrom: bound), isMet)
  }
}

extension Goal.Measure {
  /// A value with its unit: a count whole, others in three digits, or in as many as it takes
  /// not to look like `bound` where it is something else.
  func text(of value: Double, apartFrom bound: Double) -> String {
    guard kind != .count else { return text(of: value) }
    for digits in 3..<17 {
      let rounded = Self.rounded(value, to: digits)
      if rounded != Self.rounded(bound, to: digits) || value == bound { return text(of: rounded) }
    }
    return text(of: value)
  }

  private func text(of value: Double) -> String {
    switch kind {
    case .time:
      switch value {
      case ..<1e6: "\(Self.short(value / 1e3)) us"
      case ..<1e9: "\(Self.short(value / 1e6)) ms"
      default: "\(Self.short(value / 1e9)) s"
      }
    case .share: "\(Self.short(value * 100))%"
    case .rate: "\(Self.short(value))/s"
    case .count: Self.short(value)
    }
  }

  private static func rounded(_ value: Double, to digits: Int) -> Double {
    guard value != 0, value.isFinite else { return value }
    let power = Double(digits - 1) - log10(abs(value)).rounded(.down)
    guard abs(power) < 300 else { return value }
    let scale = pow(10, abs(power))
    return power < 0 ? (value / scale).rounded() * scale : (value * scale).rounded() / scale
  }

  /// Without the noise that scaling leaves in the last digits.
  private static func short(_ value: Double) -> String {
    let value = rounded(value, to: 15)
    return abs(value) < 1e15 ? plain(value) : "\(value)"
  }
}
