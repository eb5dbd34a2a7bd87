/// When something was, as a line of a recording tells it.
enum Moment: Sendable, Hashable {
  /// So long after the beginning.
  case nanoseconds(Int64)
  /// By the calendar, since 1970.
  case calendar(seconds: Int64, nanoseconds: Int64)

  /// Reads a number of milliseconds or a time by RFC 3339.
  init?(_ text: String) {
    if let milliseconds = decimal(text) {
      // Beyond any plan, and told apart from what is within one.
      self = .nanoseconds(Int64((min(milliseconds, 1e12) * 1e6).rounded()))
    } else {
      self.init(rfc3339: Array(text.utf8))
    }
  }

  /// What moments of this kind count from.
  var origin: Moment {
    switch self {
    case .nanoseconds: .nanoseconds(0)
    case .calendar: self
    }
  }

  /// How long after `origin` it is; nil where the two are not of one kind. What is longer than a
  /// century is as long.
  func nanoseconds(since origin: Moment) -> Int64? {
    switch (self, origin) {
    case (.nanoseconds(let time), .nanoseconds(let begin)): return time - begin
    case (.calendar(let seconds, let part), .calendar(let beginSeconds, let beginPart)):
      let century: Int64 = 3_200_000_000
      let whole = min(max(seconds - beginSeconds, -century), century)
      return whole * 1_000_000_000 + part - beginPart
    default: return nil
    }
  }

  private init?(rfc3339 text: [UInt8]) {
    var rest = text[...]
    func digits(_ count: Int) -> Int64? {
      let digits = rest.prefix(count)
      guard digits.count == count, digits.allSatisfy(Self.isDigit) else { return nil }
      rest = rest.dropFirst(count)
      return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
    func take(_ letters: String) -> UInt8? {
      guard let letter = rest.first, letters.utf8.contains(letter) else { return nil }
      rest = rest.dropFirst()
      return letter
    }
    guard let year = digits(4), take("-") != nil, let month = digits(2), take("-") != nil,
      let day = digits(2), take("Tt") != nil, let hour = digits(2), take(":") != nil,
      let minute = digits(2), take(":") != nil, let second = digits(2),
      (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    var part: Int64 = 0
    if take(".") != nil {
      let fraction = rest.prefix(while: Self.isDigit)
      rest = rest.dropFirst(fraction.count)
      guard !fraction.isEmpty else { return nil }
      for place in 0..<9 {
        let digit = fraction.dropFirst(place).first ?? UInt8(ascii: "0")
        part = part * 10 + Int64(digit - UInt8(ascii: "0"))
      }
    }
    var offset: Int64 = 0
    switch take("Zz+-") {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): break
    case let sign?:
      guard let hours = digits(2), take(":") != nil, let minutes = digits(2), hours < 24,
        minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -60 : 60)
    case nil: return nil
    }
    guard rest.isEmpty else { return nil }
    let clock = (hour * 60 + minute) * 60 + second
    self = .calendar(
      seconds: Self.dayNumber(year, month, day) * 86_400 + clock - offset,
      nanoseconds: part
    )
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970. Years are counted from March, so that the leap day is their last.
  private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month > 2 ? year : year - 1
    let era = (year >= 0 ? year : year - 399) / 400
    let ofEra = year - era * 400
    let ofYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }
}
