/// One step from a schema to the next. What was released is never changed, only followed by another.
package struct Migration: Sendable {
  /// The schema's number once it has run; the first is 1.
  package let number: Int64
  package let statements: [String]

  package init(number: Int64, statements: [String]) {
    self.number = number
    self.statements = statements
  }

  /// All of them, in order.
  package static let all = [first, gates]
}
