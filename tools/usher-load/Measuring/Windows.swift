/// Something counted for each window of time, from the start on, in bounded room: when there would be
/// more windows than it keeps, two become one and all are twice as long.
package struct Windows<Cell: Mergeable>: Sendable {
  /// How many windows are kept at most.
  package static var countMax: Int { 1_024 }

  /// How long a window is.
  package private(set) var nanoseconds: UInt64
  /// What was counted in each, up to the last in which anything was.
  package private(set) var cells: [Cell] = []

  /// No windows yet, each of which will be that long as long as they are few.
  package init(nanoseconds: UInt64 = 1_000_000_000) {
    precondition(nanoseconds > 0, "a window lasts")
    self.nanoseconds = nanoseconds
  }

  /// Lets `change` count something in the window that holds `moment`.
  package mutating func count(at moment: UInt64, _ change: (inout Cell) -> Void) {
    var index = moment / nanoseconds
    while index >= UInt64(Self.countMax) {
      halve()
      index = moment / nanoseconds
    }
    grow(to: Int(index) + 1)
    change(&cells[Int(index)])
  }

  /// Adds what another counted from the same start on.
  package mutating func merge(_ other: Windows) {
    var other = other
    while other.nanoseconds < nanoseconds { other.halve() }
    while nanoseconds < other.nanoseconds { halve() }
    grow(to: other.cells.count)
    for (index, cell) in other.cells.enumerated() { cells[index].merge(cell) }
  }

  /// Makes windows at least that long, as those of others are with which they are to be shown.
  package mutating func lengthen(to nanoseconds: UInt64) {
    while self.nanoseconds < nanoseconds { halve() }
  }

  private mutating func grow(to count: Int) {
    while cells.count < count { cells.append(Cell()) }
  }

  private mutating func halve() {
    var halved: [Cell] = []
    for index in stride(from: 0, to: cells.count, by: 2) {
      var cell = cells[index]
      if index + 1 < cells.count { cell.merge(cells[index + 1]) }
      halved.append(cell)
    }
    cells = halved
    nanoseconds *= 2
  }
}

/// Something that is counted in parts, which make the whole again.
package protocol Mergeable: Sendable {
  /// Nothing counted.
  init()
  /// Adds what another counted.
  mutating func merge(_ other: Self)
}

extension Windows: Codable where Cell: Codable {}
