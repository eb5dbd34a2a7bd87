import Descriptors

extension Schema {
  /// protobuf-c unpacks nested messages by calling itself, without a limit, so a message that can
  /// hold itself would let a peer overflow the stack.
  func recursionProblems() -> [Problem] {
    var search = CycleSearch(self)
    return generated.flatMap { file in
      file.allMessages.compactMap { message in
        search.cycle(from: message.fullName).map {
          Problem(
            file: file.path,
            subject: message.fullName,
            complaint: "the message is recursive: \($0)"
          )
        }
      }
    }
  }
}

/// Walks from message to message, once through each.
private struct CycleSearch {
  private struct Edge {
    let source: String
    let field: String
    let target: String

    var name: String { "\(source).\(field)" }
  }

  private let edges: [String: [Edge]]
  private var finished: Set<String> = []

  init(_ schema: Schema) {
    var edges: [String: [Edge]] = [:]
    for message in schema.generated.flatMap(\.allMessages) {
      edges[message.fullName] = message.fields.compactMap { field in
        guard case .message(let target) = field.type else { return nil }
        return Edge(source: message.fullName, field: field.name, target: target)
      }
    }
    self.edges = edges
  }

  /// The first cycle that can be reached from `message` and was not found before.
  mutating func cycle(from message: String) -> String? {
    var trail: [Edge] = []
    return visit(message, &trail)
  }

  private mutating func visit(_ message: String, _ trail: inout [Edge]) -> String? {
    if finished.contains(message) { return nil }
    var found: String?
    for edge in edges[message] ?? [] where found == nil {
      trail.append(edge)
      if let start = trail.firstIndex(where: { $0.source == edge.target }) {
        found = (trail[start...].map(\.name) + [edge.target]).joined(separator: " -> ")
        finished.formUnion(trail[start...].map(\.target))
      } else {
        found = visit(edge.target, &trail)
      }
      trail.removeLast()
    }
    finished.insert(message)
    return found
  }
}
