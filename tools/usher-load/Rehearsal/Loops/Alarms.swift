/// What is to be done when, in any number: a heap, so that setting one costs little however many there
/// are. It knows no clock.
struct Alarms<Purpose> {
  private struct Entry {
    let moment: UInt64
    /// In which order alarms of one moment were set.
    let number: UInt64
    let purpose: Purpose

    func isBefore(_ other: Entry) -> Bool {
      moment != other.moment ? moment < other.moment : number < other.number
    }
  }

  private var heap: [Entry] = []
  private var lastNumber: UInt64 = 0

  /// The moment of the next one.
  var next: UInt64? { heap.first?.moment }
  var count: Int { heap.count }

  mutating func set(at moment: UInt64, _ purpose: Purpose) {
    lastNumber += 1
    heap.append(Entry(moment: moment, number: lastNumber, purpose: purpose))
    rise(from: heap.count - 1)
  }

  /// Takes the next one, if it is due: those of one moment in the order in which they were set.
  mutating func take(dueAt now: UInt64) -> (moment: UInt64, purpose: Purpose)? {
    guard let first = heap.first, first.moment <= now else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.moment, first.purpose)
  }

  private mutating func rise(from start: Int) {
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard heap[place].isBefore(heap[parent]) else { return }
      heap.swapAt(place, parent)
      place = parent
    }
  }

  private mutating func sink() {
    var place = 0
    while true {
      var first = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && heap[child].isBefore(heap[first]) { first = child }
      guard first != place else { return }
      heap.swapAt(place, first)
      place = first
    }
  }
}
