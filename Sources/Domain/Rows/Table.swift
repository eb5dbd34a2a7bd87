/// The part of one table that a batch works on: the rows it has loaded, and what became of them.
///
/// A look-up of what was never loaded is not an answer: it throws ``Interruption/missing`` and notes
/// what to load, so that a decision can never mistake "not looked" for "not there".
package struct Table<Element: Row>: Sendable {
  package typealias Key = Element.Key
  package typealias Group = Element.Group
  package typealias Queue = Element.Queue

  private var known: [Key: Known] = [:]
  private var members: [Group: Set<Key>] = [:]
  private var fronts: [Queue: QueueFront<Key>] = [:]
  /// Keys in the order in which they were first changed.
  private var changed: [Key] = []
  private var undo: [Undo] = []

  /// What has been asked for and not been loaded.
  package private(set) var wantedKeys: Set<Key> = []
  package private(set) var wantedGroups: Set<Group> = []
  package private(set) var wantedQueues: [Queue: QueueWish] = [:]

  /// What the batch knows of a key.
  private struct Known {
    /// Nil where there is none.
    let row: Element?
    var isChanged = false
  }

  private struct Undo {
    let key: Key
    /// What was known before; nil where nothing was.
    let before: Known?
  }

  package init() {}

  /// How many keys it knows something of.
  package var count: Int { known.count }

  package var wantsNothing: Bool {
    wantedKeys.isEmpty && wantedGroups.isEmpty && wantedQueues.isEmpty
  }
}

/// Rows of a queue that are wanted: the first so many at or behind a place.
package struct QueueWish: Sendable, Hashable {
  package let from: Int64
  package let count: Int
}

// MARK: - What decisions do

extension Table {
  /// Asks for a row, if nothing is known of it yet.
  package mutating func want(_ key: Key) {
    if known[key] == nil { wantedKeys.insert(key) }
  }

  /// Asks for all rows of a group, if they have not been loaded yet.
  package mutating func want(groupOf group: Group) {
    if members[group] == nil { wantedGroups.insert(group) }
  }

  /// What is known already, for asking after what it names.
  package func peek(_ key: Key) -> Element? {
    known[key]?.row
  }

  /// The row; nil if there is none.
  package mutating func find(_ key: Key) throws(Interruption) -> Element? {
    guard let found = known[key] else {
      wantedKeys.insert(key)
      throw .missing
    }
    return found.row
  }

  /// The group's rows, those included that this batch made, in no particular order.
  package mutating func find(groupOf group: Group) throws(Interruption) -> [Element] {
    guard let keys = members[group] else {
      wantedGroups.insert(group)
      throw .missing
    }
    return keys.compactMap { peek($0) }
  }

  /// The first rows of a queue as it is now, at most `count`, none behind `limit`.
  package mutating func find(
    first count: Int,
    of queue: Queue,
    through limit: Int64 = .max
  ) throws(Interruption) -> [Element] {
    let front = fronts[queue] ?? QueueFront()
    guard front.knows(first: count, through: limit) else {
      wantedQueues[queue] = front.wish(first: count)
      throw .missing
    }
    return front.members.prefix(count).prefix { $0.place <= limit }.compactMap { peek($0.key) }
  }

  /// Makes or changes a row.
  package mutating func put(_ row: Element) {
    let key = row.key
    change(key, to: row)
    if let group = row.group { members[group]?.insert(key) }
  }

  /// Ends a row.
  package mutating func remove(_ key: Key) {
    change(key, to: nil)
  }

  private mutating func change(_ key: Key, to row: Element?) {
    let before = set(Known(row: row, isChanged: true), at: key)
    if before?.isChanged != true { changed.append(key) }
    undo.append(Undo(key: key, before: before))
  }

  /// Remembers what is known of a key now, and where its row stands. Answers what was known before.
  @discardableResult
  private mutating func set(_ now: Known?, at key: Key) -> Known? {
    let before: Known?
    if let now {
      before = known.updateValue(now, forKey: key)
    } else {
      before = known.removeValue(forKey: key)
    }
    let old = before?.row?.standing
    let new = now?.row?.standing
    guard old != new else { return before }
    if let old { fronts[old.queue]?.remove(key, at: old.place) }
    if let new { fronts[new.queue]?.insert(key, at: new.place) }
    return before
  }
}

// MARK: - What runs a batch does

extension Table {
  /// Begins a decision, whose changes can be taken back until the next one begins.
  package mutating func mark() {
    undo.removeAll(keepingCapacity: true)
  }

  /// Takes back what the decision since the mark has changed.
  package mutating func rollBack() {
    while let step = undo.popLast() {
      if step.before?.row == nil, let group = known[step.key]?.row?.group {
        members[group]?.remove(step.key)
      }
      set(step.before, at: step.key)
      if step.before?.isChanged != true { changed.removeLast() }
    }
  }

  /// Every key that was changed with what it is now; nil where the row has ended.
  package var changes: [(key: Key, row: Element?)] {
    changed.map { ($0, peek($0)) }
  }

  package var hasChanges: Bool { !changed.isEmpty }

  /// Takes what the store has for the keys that were wanted: those that are not in `rows` do not
  /// exist.
  package mutating func provide(_ rows: [Element]) {
    for row in rows { learn(row) }
    for key in wantedKeys where known[key] == nil { known[key] = Known(row: nil) }
    wantedKeys.removeAll(keepingCapacity: true)
  }

  /// Takes what the store has of the groups that were wanted.
  package mutating func provideGroups(_ rows: [Element]) {
    guard !wantedGroups.isEmpty else { return }
    for group in wantedGroups { members[group] = [] }
    wantedGroups.removeAll(keepingCapacity: true)
    // What was made before its group was asked for; the store will not know of it.
    for key in changed {
      if let group = peek(key)?.group { members[group]?.insert(key) }
    }
    for row in rows {
      guard let group = row.group, members[group] != nil else { continue }
      learn(row)
      members[group]?.insert(row.key)
    }
  }

  /// Takes what the store has of the queues that were wanted.
  package mutating func provideQueues(_ loaded: [Queue: [Element]]) {
    for (queue, wish) in wantedQueues {
      let rows = loaded[queue] ?? []
      var front = fronts[queue] ?? QueueFront()
      front.take(rows.map { $0.standing?.place ?? .max }, of: wish)
      // What this batch has changed stands where it stands now, whatever the store says.
      for key in changed {
        guard let standing = peek(key)?.standing, standing.queue == queue,
          standing.place >= wish.from
        else { continue }
        front.insert(key, at: standing.place)
      }
      for row in rows where known[row.key]?.isChanged != true {
        guard let place = row.standing?.place else { continue }
        learn(row)
        front.insert(row.key, at: place)
      }
      fronts[queue] = front
    }
    wantedQueues.removeAll(keepingCapacity: true)
  }

  /// What this batch did to a row is newer than what the store has.
  private mutating func learn(_ row: Element) {
    let key = row.key
    if known[key] == nil { known[key] = Known(row: row) }
  }

  /// Forgets which rows were changed: they are what the store has now.
  package mutating func settle() {
    if Element.isAskedForAgain {
      for key in changed { known[key]?.isChanged = false }
    } else {
      known.removeAll(keepingCapacity: true)
    }
    changed.removeAll(keepingCapacity: true)
    undo.removeAll(keepingCapacity: true)
  }
}
