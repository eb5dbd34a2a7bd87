/// One row of a table: something that the store keeps, with what it is found by.
package protocol Row: Sendable, Hashable {
  /// What one row is found by.
  associatedtype Key: Hashable & Sendable
  /// What several rows are found by together; `Never` where a table has no such groups.
  associatedtype Group: Hashable & Sendable = Never

  var key: Key { get }
  /// The group that the row belongs to, from its making to its end.
  var group: Group? { get }
}

extension Row where Group == Never {
  package var group: Never? { nil }
}
