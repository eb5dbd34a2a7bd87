/// The front of one queue as far as a batch has looked: every row that stands at or before
/// ``through``, in order.
struct QueueFront<Key: Hashable & Sendable>: Sendable {
  /// One row's place.
  struct Member: Sendable {
    let place: Int64
    let key: Key
  }

  private(set) var members: [Member] = []
  /// Up to which place every row of the queue is known; nil before the first look.
  private(set) var through: Int64?
  /// How many rows were asked for last, where that told nothing new.
  private var askedInVain = 0

  /// The fewest rows that are asked for at once.
  private static var askedMin: Int { 256 }
  /// What is remembered of a queue at most; its end is looked up again when it is needed.
  private static var keptMax: Int { 4_096 }

  /// Whether the first `count` rows are known, or all that stand at or before `limit`.
  func knows(first count: Int, through limit: Int64) -> Bool {
    guard let through else { return false }
    if through >= limit || count <= 0 { return true }
    return members.count >= count && members[count - 1].place <= through
  }

  /// Takes a row in, if it stands where everything is known.
  mutating func insert(_ key: Key, at place: Int64) {
    guard let through, place <= through else { return }
    members.insert(Member(place: place, key: key), at: firstIndex(after: place))
    if members.count > 2 * Self.keptMax { forgetEnd() }
  }

  /// Takes a row out that stood at `place`.
  mutating func remove(_ key: Key, at place: Int64) {
    var index = firstIndex(after: place) - 1
    while index >= 0, members[index].place == place {
      if members[index].key == key {
        members.remove(at: index)
        return
      }
      index -= 1
    }
  }

  /// What to ask for, so that the first `count` are known or at least some more than now. Rows at one
  /// place are taken all or none, so more is asked for each time that was in vain.
  func wish(first count: Int) -> QueueWish {
    let missing = max(0, count - members.count)
    return QueueWish(
      from: through.map { $0 + 1 } ?? .min,
      count: max(Self.askedMin, 2 * askedInVain, 2 * missing)
    )
  }

  /// Takes note of where the rows stand that came of a wish. Where there are as many as were asked
  /// for, more may stand at the last one's place.
  mutating func take(_ places: [Int64], of wish: QueueWish) {
    guard places.count >= wish.count, let last = places.last else {
      through = .max
      return
    }
    askedInVain = last > wish.from && last > places[0] ? 0 : wish.count
    if last > wish.from { through = last - 1 }
  }

  private mutating func forgetEnd() {
    // Rows at one place are remembered all or none.
    let end = members[Self.keptMax].place
    let kept = members[..<Self.keptMax].partitioningIndex { $0.place >= end }
    guard kept > 0 else { return }
    members.removeSubrange(kept...)
    through = end - 1
  }

  private func firstIndex(after place: Int64) -> Int {
    members.partitioningIndex { $0.place > place }
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index whose element `belongsAfter`, where those that do come last.
  package func partitioningIndex(where belongsAfter: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
