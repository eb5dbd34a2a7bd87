/// Points in time of which the soonest is always at hand, each with what it is for. What was called
/// off stays in until its time has come: looking once too often costs less than finding it.
struct DeadlineHeap<Purpose: Sendable>: Sendable {
  /// A binary heap: no element is later than the two that follow from it.
  private var deadlines: [(at: Int64, purpose: Purpose)] = []

  var count: Int { deadlines.count }

  mutating func insert(_ time: Int64, for purpose: Purpose) {
    deadlines.append((time, purpose))
    var child = deadlines.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard deadlines[child].at < deadlines[parent].at else { return }
      deadlines.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes out the soonest, if it is not after `time`.
  mutating func removeFirst(through time: Int64) -> Purpose? {
    guard let first = deadlines.first, first.at <= time else { return nil }
    let last = deadlines.removeLast()
    guard !deadlines.isEmpty else { return first.purpose }
    deadlines[0] = last
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < deadlines.count else { break }
      let right = left + 1
      let isRight = right < deadlines.count && deadlines[right].at < deadlines[left].at
      let child = isRight ? right : left
      guard deadlines[child].at < deadlines[parent].at else { break }
      deadlines.swapAt(child, parent)
      parent = child
    }
    return first.purpose
  }
}

extension DeadlineHeap<Void> {
  mutating func insert(_ time: Int64) { insert(time, for: ()) }

  /// Takes out all that are not after `time`, and answers whether there were any.
  mutating func removeThrough(_ time: Int64) -> Bool {
    var isAny = false
    while removeFirst(through: time) != nil { isAny = true }
    return isAny
  }
}
