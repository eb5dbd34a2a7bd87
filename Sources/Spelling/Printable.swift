extension String {
  /// The text as it may be shown: a server's words must not steer the terminal.
  package var printable: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
          // Those that turn the direction of what follows
          case .format
          where (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value):
            "\u{FFFD}"
          default: scalar
          }
        }
      )
    )
  }
}

extension BinaryInteger {
  /// With commas: 12,480.
  package var grouped: String {
    let digits = Array(String(magnitude))
    let groups = stride(from: digits.count, to: 0, by: -3).map { end in
      String(digits[Swift.max(0, end - 3)..<end])
    }
    return (self < 0 ? "−" : "") + groups.reversed().joined(separator: ",")
  }

  /// `1 seat`, `2 seats`.
  package func of(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}
