/// The part of one table that a batch works on: the rows it has loaded, and what became of them.
///
/// A look-up of what was never loaded is not an answer: it throws ``Interruption/missing`` and notes
/// what to load, so that a decision can never mistake "not looked" for "not there".
package struct Table<Element: Row>: Sendable {
  package typealias Key = Element.Key
  package typealias Group = Element.Group
  package typealias Queue = Element.Queue

  /// What the batch knows of each key: a row, or that there is none.
  private var known: [Key: Element?] = [:]
  private var members: [Group: Set<Key>] = [:]
  private var fronts: [Queue: QueueFront<Key>] = [:]
  /// Keys in the order in which they were first changed.
  private var changed: [Key] = []
  private var isChanged: Set<Key> = []
  private var undo: [Undo] = []

  /// What has been asked for and not been loaded.
  package private(set) var wantedKeys: Set<Key> = []
  package private(set) var wantedGroups: Set<Group> = []
  package private(set) var wantedQueues: [Queue: QueueWish] = [:]

  private struct Undo {
    let key: Key
    /// What was known before; the outer nil says nothing was.
    let before: Element??
    let wasChanged: Bool
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
    known[key] ?? nil
  }

  /// The row; nil if there is none.
  package mutating func find(_ key: Key) throws(Interruption) -> Element? {
    guard let found = known[key] else {
      wantedKeys.insert(key)
      throw .missing
    }
    return found
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
    note(key)
    set(row, at: key)
    if let group = row.group { members[group]?.insert(key) }
  }

  /// Ends a row.
  package mutating func remove(_ key: Key) {
    note(key)
    set(nil, at: key)
  }

  /// Remembers what a row is now, and where it stands.
  private mutating func set(_ row: Element?, at key: Key) {
    let before = known.updateValue(row, forKey: key)??.standing
    let after = row?.standing
    guard before != after else { return }
    if let before { fronts[before.queue]?.remove(key, at: before.place) }
    if let after { fronts[after.queue]?.insert(key, at: after.place) }
  }

  private mutating func note(_ key: Key) {
    let isNew = isChanged.insert(key).inserted
    if isNew { changed.append(key) }
    undo.append(Undo(key: key, before: known[key], wasChanged: !isNew))
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
      if let group = known[step.key]??.group, step.before == nil || step.before == .some(nil) {
        members[group]?.remove(step.key)
      }
      set(step.before ?? nil, at: step.key)
      if step.before == nil { known[step.key] = nil }
      guard !step.wasChanged else { continue }
      isChanged.remove(step.key)
      changed.removeLast()
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
    for row in rows where known[row.key] == nil { known.updateValue(row, forKey: row.key) }
    for key in wantedKeys where known[key] == nil { known.updateValue(nil, forKey: key) }
    wantedKeys.removeAll(keepingCapacity: true)
  }

  /// Takes what the store has of the groups that were wanted.
  package mutating func provideGroups(_ rows: [Element]) {
    for group in wantedGroups { members[group] = [] }
    wantedGroups.removeAll(keepingCapacity: true)
    // What was made before its group was asked for; the store will not know of it.
    for key in changed {
      if let group = peek(key)?.group { members[group]?.insert(key) }
    }
    for row in rows {
      guard let group = row.group, members[group] != nil else { continue }
      // What this batch did to a row is newer than what the store has.
      if known[row.key] == nil { known.updateValue(row, forKey: row.key) }
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
      for row in rows where !isChanged.contains(row.key) {
        guard let place = row.standing?.place else { continue }
        if known[row.key] == nil { known.updateValue(row, forKey: row.key) }
        front.insert(row.key, at: place)
      }
      fronts[queue] = front
    }
    wantedQueues.removeAll(keepingCapacity: true)
  }

  /// Forgets which rows were changed: they are what the store has now.
  package mutating func settle() {
    changed.removeAll(keepingCapacity: true)
    isChanged.removeAll(keepingCapacity: true)
    undo.removeAll(keepingCapacity: true)
  }
}
