/// The open calls of a connection, by number.
///
/// Numbers strictly rise and most calls end soon, so the number itself is the hash: a dictionary
/// would spend more on mixing its bits than on everything else here.
struct CallTable<Call: AnyObject> {
  /// How many slots stay, between one burst of calls and the next, until the connection is idle.
  private static var slotsKept: Int { 256 }

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
    count -= 1
    // What stands behind the hole for want of room moves up, as far as the first that is at home:
    // with calls in a row, that is the next.
    var next = following(hole)
    while let entry = slots[next], home(entry.id) != next {
      slots[hole] = entry
      hole = next
      next = following(next)
    }
    slots[hole] = nil
    // A connection that was busy once does not keep what only that took.
    if count == 0, slots.count > Self.slotsKept { slots = [] }
  }

  /// Gives back the memory, when nothing is open: an idle connection keeps nothing.
  mutating func rest() {
    if count == 0 { slots = [] }
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

  /// Whoever is further from home has the better claim to a slot, so that those of one home stand
  /// together, and none stands beyond one that is at home.
  private mutating func place(_ entry: Entry) {
    var entry = entry
    var slot = home(entry.id)
    while let other = slots[slot] {
      if distance(of: other, at: slot) < distance(of: entry, at: slot) {
        slots[slot] = entry
        entry = other
      }
      slot = following(slot)
    }
    slots[slot] = entry
  }

  /// How far behind its home an entry stands.
  private func distance(of entry: Entry, at slot: Int) -> Int { (slot &- home(entry.id)) & mask }

  private mutating func grow() {
    let entries = slots
    slots = Array(repeating: nil, count: max(8, entries.count * 2))
    for case let entry? in entries { place(entry) }
  }
}
