import Foundation
import Measuring
import Testing

@Suite struct WindowsTests {
  /// How many came, the largest, and the last.
  struct Cell: Mergeable, Codable, Hashable {
    var count = 0
    var largest: UInt64 = 0
    var last: UInt64?

    mutating func merge(_ other: Cell) {
      count += other.count
      largest = max(largest, other.largest)
      last = other.last ?? last
    }

    mutating func add(_ moment: UInt64) {
      count += 1
      largest = max(largest, moment)
      last = moment
    }
  }

  private func windows(_ moments: [UInt64], nanoseconds: UInt64 = 10) -> Windows<Cell> {
    var windows = Windows<Cell>(nanoseconds: nanoseconds)
    for moment in moments { windows.count(at: moment) { $0.add(moment) } }
    return windows
  }

  /// Moments in order, up to so late.
  private func moments(_ count: Int, before end: UInt64, seed: UInt64) -> [UInt64] {
    var draw = Draw(state: seed)
    return (0..<count).map { _ in UInt64.random(in: 0..<end, using: &draw) }.sorted()
  }

  @Test func `What is counted stands in the window that holds its moment`() {
    let windows = windows([0, 9, 10, 35])
    #expect(windows.nanoseconds == 10)
    #expect(windows.cells.map(\.count) == [2, 1, 0, 1])
  }

  @Test func `There are never more windows than are kept, and none is lost`() {
    let count = UInt64(Windows<Cell>.countMax)
    let last = windows([0, 10 * count - 1])
    #expect(last.nanoseconds == 10)
    #expect(last.cells.count == Int(count))
    let over = windows([0, 10 * count])
    #expect(over.nanoseconds == 20)
    #expect(over.cells.count == Int(count / 2) + 1)
    #expect(over.cells.map(\.count).reduce(0, +) == 2)
  }

  @Test(arguments: [1, 2, 3, 4])
  func `Windows that were made longer hold what longer ones would have held`(seed: UInt64) {
    let moments = moments(2_000, before: 1_000_000, seed: seed)
    let halved = windows(moments)
    #expect(halved.nanoseconds > 10)
    #expect(halved.cells.count <= Windows<Cell>.countMax)
    #expect(halved.cells == windows(moments, nanoseconds: halved.nanoseconds).cells)
    #expect(halved.cells.map(\.count).reduce(0, +) == 2_000)
  }

  @Test(arguments: [1, 2, 3, 4])
  func `Parts add up to the whole, whichever is added to which`(seed: UInt64) {
    let moments = moments(900, before: 200_000, seed: seed)
    let whole = windows(moments)
    // One part ended early and kept short windows.
    let parts = [Array(moments[..<300]), Array(moments[300..<600]), Array(moments[600...])]
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      var sum = Windows<Cell>(nanoseconds: 10)
      for index in order { sum.merge(windows(parts[index])) }
      #expect(sum.nanoseconds == whole.nanoseconds)
      #expect(sum.cells.map(\.count) == whole.cells.map(\.count))
      #expect(sum.cells.map(\.largest) == whole.cells.map(\.largest))
    }
  }

  @Test func `Windows are made at least as long as others, and never shorter`() {
    var windows = windows([0, 15, 39])
    windows.lengthen(to: 25)
    #expect(windows.nanoseconds == 40)
    #expect(windows.cells.map(\.count) == [3])
    windows.lengthen(to: 10)
    #expect(windows.nanoseconds == 40)
  }

  @Test func `Windows read from a file are those that were written`() throws {
    let windows = windows(moments(50, before: 500, seed: 9))
    let read = try JSONDecoder().decode(
      Windows<Cell>.self,
      from: JSONEncoder().encode(windows)
    )
    #expect(read.nanoseconds == windows.nanoseconds)
    #expect(read.cells == windows.cells)
  }
}
