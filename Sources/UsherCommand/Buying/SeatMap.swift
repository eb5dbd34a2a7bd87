internal import Spelling
internal import UsherAPI

/// The seats of a date on a page: each state has a shape of its own.
struct SeatMap {
  let seats: [Seat]
  /// Whether the seats that are not free are among them.
  let isWhole: Bool

  private static let columns: UInt32 = 10

  /// The map, with ten seats a row and the number of the first before it.
  var lines: [String] {
    let signs = Dictionary(seats.map { ($0.number, $0.state.sign) }, uniquingKeysWith: { $1 })
    let last = seats.map(\.number).max() ?? 0
    let width = "\(last)".count
    var lines = [count]
    for first in stride(from: 1, through: last, by: Int(Self.columns)) {
      let row = (first..<min(first + Self.columns, last + 1)).map { signs[$0] ?? "·" }
      let number = "\(first)"
      let indent = String(repeating: " ", count: 2 + width - number.count)
      lines.append("\(indent)\(number)  \(row.joined(separator: " "))")
    }
    lines.append(isWhole ? "  ○ free  ◐ held  ■ sold" : "  ○ free  · held or sold")
    return lines
  }

  /// A line a seat, for pipes.
  var records: [String] {
    seats.map { "\($0.number)\t\($0.price)\t\($0.state.word)" }
  }

  private var count: String {
    let free = seats.count { $0.state == .free }
    let prices = seats.map(\.price)
    let low = prices.min() ?? 0
    let high = prices.max() ?? 0
    let cost = low == high ? "\(low) each" : "\(low) to \(high) each"
    return isWhole
      ? "\(free.grouped) free of \(seats.count.grouped) · \(cost)"
      : "\(free.grouped) free · \(cost)"
  }
}

extension SeatState {
  fileprivate var sign: String {
    switch self {
    case .free: "○"
    case .held: "◐"
    case .sold: "■"
    case .unspecified, .unrecognized: "?"
    }
  }

  fileprivate var word: String {
    switch self {
    case .free: "free"
    case .held: "held"
    case .sold: "sold"
    case .unspecified, .unrecognized: "\(rawValue)"
    }
  }
}
