/// Points in time of which the soonest is always at hand. What was called off stays in until its time
/// has come: looking once too often costs less than finding it.
struct DeadlineHeap {
  /// A binary heap: no element is later than the two that follow from it.
  private var times: [Int64] = []

  var soonest: Int64? { times.first }
  var count: Int { times.count }

  mutating func insert(_ time: Int64) {
    times.append(time)
    var child = times.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard times[child] < times[parent] else { return }
      times.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes out all that are not after `time`, and answers whether there were any.
  mutating func removeThrough(_ time: Int64) -> Bool {
    var isAny = false
    while let first = times.first, first <= time {
      isAny = true
      removeSoonest()
    }
    return isAny
  }

  private mutating func removeSoonest() {
    let last = times.removeLast()
    guard !times.isEmpty else { return }
    times[0] = last
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < times.count else { return }
      let right = left + 1
      let child = right < times.count && times[right] < times[left] ? right : left
      guard times[child] < times[parent] else { return }
      times.swapAt(child, parent)
      parent = child
    }
  }
}
