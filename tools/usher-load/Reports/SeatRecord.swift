/// A seat's life.
package struct SeatRecord: Codable, Sendable, Hashable {
  /// Which date of the sale, from 0, and the seat's number there.
  package var date: Int
  package var number: UInt32
  /// What it became when, in order. Before the first of them it was free.
  package var changes: [Change]
  package var holds: UInt32

  package init(date: Int, number: UInt32, changes: [Change] = [], holds: UInt32 = 0) {
    self.date = date
    self.number = number
    self.changes = changes
    self.holds = holds
  }

  /// When it was sold to whoever has it at the end; nil where nobody does.
  package var soldMs: Int64? {
    changes.last.flatMap { $0.state == .sold ? $0.atMs : nil }
  }

  /// What a seat can be.
  package enum State: Int64, Sendable { case free, held, sold }

  /// What a seat became, and when. It is written as a pair, since there are many.
  package struct Change: Sendable, Hashable {
    package var atMs: Int64
    package var state: State

    package init(atMs: Int64, _ state: State) {
      self.atMs = atMs
      self.state = state
    }
  }
}

extension SeatRecord.Change: Codable {
  package init(from decoder: any Decoder) throws {
    var pair = try decoder.unkeyedContainer()
    atMs = try pair.decode(Int64.self)
    guard let state = SeatRecord.State(rawValue: try pair.decode(Int64.self)) else {
      throw DecodingError.dataCorruptedError(in: pair, debugDescription: "a seat is never that")
    }
    self.state = state
  }

  package func encode(to encoder: any Encoder) throws {
    var pair = encoder.unkeyedContainer()
    try pair.encode(atMs)
    try pair.encode(state.rawValue)
  }
}
