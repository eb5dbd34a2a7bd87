/// A decimal number exactly as it was written, so that no digit of a 64-bit integer is lost.
struct DecimalNumber {
  /// What stands in the way of a number's being an integer of some width.
  enum Misfit: Error {
    case fraction
    case range
  }

  private let isNegative: Bool
  /// Without zeros at either end.
  private let digits: ArraySlice<UInt8>
  /// The power of ten that the digits are multiplied by; nil if it is beyond anything useful.
  private let exponent: Int?
  private let isExponentNegative: Bool

  /// Reads what JSON takes for a number, and nothing else.
  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    let whole = rest.prefix(while: Self.isDigit)
    rest = rest.dropFirst(whole.count)
    guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return nil }
    var fraction: ArraySlice<UInt8> = []
    if rest.first == UInt8(ascii: ".") {
      fraction = rest.dropFirst().prefix(while: Self.isDigit)
      rest = rest.dropFirst(1 + fraction.count)
      guard !fraction.isEmpty else { return nil }
    }
    var power: Int? = 0
    var isPowerNegative = false
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      isPowerNegative = rest.first == UInt8(ascii: "-")
      if isPowerNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
      let written = rest.prefix(while: Self.isDigit)
      guard !written.isEmpty else { return nil }
      rest = rest.dropFirst(written.count)
      let significant = written.drop { $0 == UInt8(ascii: "0") }
      power = significant.count > 9 ? nil : significant.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    guard rest.isEmpty else { return nil }
    var all = Array(whole + fraction).drop { $0 == UInt8(ascii: "0") }
    var dropped = 0
    while all.last == UInt8(ascii: "0") {
      all.removeLast()
      dropped += 1
    }
    digits = all
    isExponentNegative = isPowerNegative
    exponent = power.map { (isPowerNegative ? -$0 : $0) - fraction.count + dropped }
  }

  /// The number as an integer of that type.
  func integer<Integer: FixedWidthInteger>(_: Integer.Type) throws(Misfit) -> Integer {
    if digits.isEmpty { return 0 }
    guard let exponent else { throw isExponentNegative ? .fraction : .range }
    guard exponent >= 0 else { throw .fraction }
    // No integer has more digits than this, and nothing here is worth a longer loop.
    guard digits.count + exponent <= 20 else { throw .range }
    var value: Integer = 0
    for digit in digits + repeatElement(UInt8(ascii: "0"), count: exponent) {
      let (product, isOver) = value.multipliedReportingOverflow(by: 10)
      let step = Integer(digit - 0x30)
      let (sum, isOverToo) =
        isNegative
        ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
      guard !isOver, !isOverToo else { throw .range }
      value = sum
    }
    return value
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }
}
