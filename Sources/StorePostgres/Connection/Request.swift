/// Something to run: one statement with its parameters.
struct Request {
  let statement: Statement
  let parameters: Parameters

  init(_ statement: Statement, _ parameters: Parameters = .none) {
    self.statement = statement
    self.parameters = parameters
  }
}

/// A statement's text, and whether a connection keeps it prepared.
package struct Statement: Sendable {
  /// What a connection keeps it under; nil where it is run once.
  package let name: String?
  private let text: @Sendable () -> String

  /// A statement that is run often. `name` stands for `text`, which is made once for each connection.
  init(_ name: String, _ text: @Sendable @escaping @autoclosure () -> String) {
    self.name = name
    self.text = text
  }

  /// A statement that is run once.
  init(once text: String) {
    name = nil
    self.text = { text }
  }

  package var sql: String { text() }
}
