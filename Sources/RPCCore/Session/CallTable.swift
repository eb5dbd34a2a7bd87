/// The open calls of a connection, by number.
///
/// Numbers strictly rise and most calls end soon, so the number itself is the hash: a dictionary
/// would spend more on mixing its bits than on everything else here.
struct CallTable<Call: AnyObject> {
  /// Open addressing over a power of two, at most half full.
  private var slots: [Entry?] = []

  /// How many calls are open.
  private(set) var count = 0

  private struct Entry {
    let id: UInt32
    let call: Call
  }

  var isEmpty: Bool { count == 0 }

  /// Every open call, in no order.
  var all: [Call] { slots.compactMap { $0?.call } }

  subscript(id: UInt32) -> Call? {
    guard count > 0, let slot = find(id) else { return nil }
    return slots[slot]?.call
  }

  /// Adds a call whose number is new.
  mutating func insert(_ call: Call, _ id: UInt32) {
    if (count + 1) * 2 > slots.count { grow() }
    place(Entry(id: id, call: call))
    count += 1
  }

  mutating func remove(_ id: UInt32) {
    guard count > 0, var hole = find(id) else { return }
    slots[hole] = nil
    count -= 1
    // An idle connection keeps nothing.
    if count == 0, slots.count > 64 { slots = [] }
    guard count > 0 else { return }
    // What was placed behind the hole for want of room moves up into it.
    var next = following(hole)
    while let entry = slots[next] {
      let home = self.home(entry.id)
      if (next &- home) & mask >= (next &- hole) & mask {
        slots[hole] = entry
        slots[next] = nil
        hole = next
      }
      next = following(next)
    }
  }

  private var mask: Int { slots.count &- 1 }

  private func home(_ id: UInt32) -> Int { Int(id) & mask }

  private func following(_ slot: Int) -> Int { (slot &+ 1) & mask }

  private func find(_ id: UInt32) -> Int? {
    var slot = home(id)
    while let entry = slots[slot] {
      if entry.id == id { return slot }
      slot = following(slot)
    }
    return nil
  }

  private mutating func place(_ entry: Entry) {
    var slot = home(entry.id)
    while slots[slot] != nil { slot = following(slot) }
    slots[slot] = entry
  }

  private mutating func grow() {
    let entries = slots
    slots = Array(repeating: nil, count: max(8, entries.count * 2))
    for case let entry? in entries { place(entry) }
  }
}
