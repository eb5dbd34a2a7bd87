/// One row of a table: something that the store keeps, with what it is found by.
package protocol Row: Sendable, Hashable {
  /// What one row is found by.
  associatedtype Key: Hashable & Sendable
  /// What several rows are found by together; `Never` where a table has no such groups.
  associatedtype Group: Hashable & Sendable = Never
  /// What several rows stand in one behind the other; `Never` where a table has no such queues.
  associatedtype Queue: Hashable & Sendable = Never

  var key: Key { get }
  /// The group that the row belongs to, from its making to its end.
  var group: Group? { get }
  /// Where the row stands as it is now; nil where it stands in no queue.
  var standing: Standing<Queue>? { get }

  /// Whether later batches are likely to ask for what one has worked on, so that it is remembered.
  static var isAskedForAgain: Bool { get }
}

extension Row {
  package static var isAskedForAgain: Bool { true }
}

extension Row where Group == Never {
  package var group: Never? { nil }
}

extension Row where Queue == Never {
  package var standing: Standing<Never>? { nil }
}

/// A place in a queue. Those with lower places come first.
package struct Standing<Queue: Hashable & Sendable>: Hashable, Sendable {
  package let queue: Queue
  package let place: Int64

  package init(_ queue: Queue, place: Int64) {
    self.queue = queue
    self.place = place
  }
}
