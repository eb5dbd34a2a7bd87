/// JSON that is not the message it should be, or bytes that are not: where, and why.
package struct CodecFailure: Error, Hashable, CustomStringConvertible {
  /// The place in the message: `seats[2].price`, `leaves["x"].name`. Empty for the message itself.
  package let path: String
  /// What is wrong there.
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  package var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

/// A place in a message, from the outside in.
struct CodecPath {
  private enum Step {
    case field(String), element(Int), key(String)
  }

  private var steps: [Step] = []

  mutating func enter(field: String) { steps.append(.field(field)) }
  mutating func enter(element: Int) { steps.append(.element(element)) }
  mutating func enter(key: String) { steps.append(.key(key)) }
  mutating func leave() { steps.removeLast() }

  var depth: Int { steps.count }

  /// A name of any length may come from a peer; the beginning is enough to find it.
  private static let nameLettersMax = 64

  static func shortened(_ name: String) -> String {
    name.utf8.count <= nameLettersMax ? name : name.prefix(nameLettersMax) + "…"
  }

  var text: String {
    steps.reduce(into: "") { text, step in
      switch step {
      case .field(let name): text += (text.isEmpty ? "" : ".") + Self.shortened(name)
      case .element(let index): text += "[\(index)]"
      case .key(let key):
        var quoted = JSONWriter()
        quoted.string(Self.shortened(key))
        text += "[\(quoted.text)]"
      }
    }
  }

  func failure(_ reason: String) -> CodecFailure { CodecFailure(path: text, reason: reason) }
}

/// How much one message may cost.
package struct CodecLimits: Hashable, Sendable {
  /// How deep values may be nested, as JSON and as messages.
  package var depthMax: Int
  /// How long JSON may be, read or written.
  package var jsonBytesMax: Int
  /// How long an encoded message may be. A frame has less than 16 MiB.
  package var messageBytesMax: Int

  package init(depthMax: Int, jsonBytesMax: Int, messageBytesMax: Int) {
    precondition(depthMax > 0 && jsonBytesMax > 0 && messageBytesMax > 0)
    self.depthMax = depthMax
    self.jsonBytesMax = jsonBytesMax
    self.messageBytesMax = messageBytesMax
  }

  package static var defaults: CodecLimits {
    CodecLimits(depthMax: 100, jsonBytesMax: 128 << 20, messageBytesMax: 16 << 20)
  }
}
