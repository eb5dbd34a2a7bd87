/// Those who wait in one lane, of whom the first is always at hand. Whoever has left stays in until it
/// is their turn.
struct WaitingOrder {
  /// One ticket and where it stands.
  struct Place: Comparable {
    let rank: UInt64
    let number: UInt64

    static func < (one: Self, other: Self) -> Bool {
      (one.rank, one.number) < (other.rank, other.number)
    }
  }

  /// A binary heap: no element is behind the two that follow from it.
  private var places: [Place] = []

  mutating func insert(_ place: Place) {
    places.append(place)
    var child = places.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard places[child] < places[parent] else { return }
      places.swapAt(child, parent)
      child = parent
    }
  }

  /// The first who still waits; forgets those before who do not.
  mutating func first(where waits: (UInt64) -> Bool) -> UInt64? {
    while let first = places.first {
      if waits(first.number) { return first.number }
      removeFirst()
    }
    return nil
  }

  private mutating func removeFirst() {
    let last = places.removeLast()
    guard !places.isEmpty else { return }
    places[0] = last
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < places.count else { return }
      let right = left + 1
      let child = right < places.count && places[right] < places[left] ? right : left
      guard places[child] < places[parent] else { return }
      places.swapAt(child, parent)
      parent = child
    }
  }
}
