import Descriptors

/// How one method looks: as a server's requirement, as a route, and as a client's function.
struct MethodShape {
  let method: SchemaMethod
  let service: SchemaService
  let names: TypeNames

  enum Kind: String {
    case unary, clientStreaming, serverStreaming, bidirectional
  }

  var kind: Kind {
    switch (method.streamsRequests, method.streamsResponses) {
    case (false, false): .unary
    case (true, false): .clientStreaming
    case (false, true): .serverStreaming
    case (true, true): .bidirectional
    }
  }

  var name: String { SwiftNames.method(method.name) }
  var neutral: String { "The method `\(service.fullName).\(method.name)`." }
  private var request: String { names.type(method.request) }
  private var response: String { names.type(method.response) }
  private var descriptor: String { "\(ServiceNames(service).methods).\(name)" }

  /// Its descriptor.
  func writeDescriptor(to source: inout SourceText) {
    source.doc(method.comment, else: neutral)
    source.enclosed("public static let \(name) = MethodDescriptor(", ")") {
      $0.line("service: \"\(service.fullName)\",")
      $0.line("name: \"\(method.name)\",")
      $0.line("kind: .\(kind),")
      $0.line("effects: .\(method.effects),")
      $0.line("isAtOnce: \(method.isAtOnce)")
    }
  }

  /// What a server must have.
  func writeRequirement(to source: inout SourceText) {
    source.doc(method.comment, else: neutral)
    source.enclosed("func \(name)(", ")" + effects) { source in
      switch kind {
      case .unary, .serverStreaming: source.line("_ request: \(request),")
      case .clientStreaming, .bidirectional:
        source.line("_ requests: RequestStream<\(request)>,")
      }
      if method.streamsResponses { source.line("to responses: ResponseWriter<\(response)>,") }
      source.line("context: CallContext")
    }
  }

  private var effects: String {
    let effects = method.isAtOnce ? " throws" : " async throws"
    return method.streamsResponses ? effects : effects + " -> Reply<\(response)>"
  }

  /// The route that leads to it.
  func writeRoute(to source: inout SourceText) {
    let (head, call) =
      switch kind {
      case .unary:
        ("(request: \(request), context) ", "request, context: context")
      case .clientStreaming:
        ("(requests: RequestStream<\(request)>, context) ", "requests, context: context")
      case .serverStreaming:
        (
          "(request: \(request), responses: ResponseWriter<\(response)>, context) ",
          "request, to: responses, context: context"
        )
      case .bidirectional:
        (
          "(requests: RequestStream<\(request)>, responses: ResponseWriter<\(response)>, context) ",
          "requests, to: responses, context: context"
        )
      }
    let register = method.isAtOnce ? "atOnce" : kind.rawValue
    source.enclosed("routes.\(register)(\(descriptor)) {", "}") { source in
      source.line(head + "in")
      source.line("try \(method.isAtOnce ? "" : "await ")self.\(name)(\(call))")
    }
  }

  /// The client's function.
  func writeCall(to source: inout SourceText) {
    source.doc(method.comment, else: neutral)
    let options = "options: CallOptions = CallOptions()"
    switch kind {
    case .unary:
      writeFunction(
        ["_ request: \(request)", options],
        " async throws(RPCFailure) -> \(response)",
        [
          "let answer: Answer<\(response)> = try await caller.unary(",
          "  \(descriptor), request, options: options)",
          "return answer.message",
        ],
        to: &source
      )
    case .serverStreaming:
      writeFunction(
        ["_ request: \(request)", options],
        " -> ResponseStream<\(response)>",
        ["caller.serverStreaming(\(descriptor), request, options: options)"],
        to: &source
      )
    case .clientStreaming:
      writeFunction(
        [options, "sending: (RequestWriter<\(request)>) async throws -> Void"],
        " async throws -> \(response)",
        [
          "let answer: Answer<\(response)> = try await caller.clientStreaming(",
          "  \(descriptor), options: options, sending: sending)",
          "return answer.message",
        ],
        to: &source
      )
    case .bidirectional:
      writeFunction(
        [
          options,
          "_ body: (RequestWriter<\(request)>, ResponseStream<\(response)>) async throws -> Result",
        ],
        " async throws -> Result",
        ["try await caller.bidirectional(\(descriptor), options: options, body)"],
        to: &source
      )
    }
  }

  private func writeFunction(
    _ parameters: [String],
    _ effects: String,
    _ body: [String],
    to source: inout SourceText
  ) {
    let generic = kind == .bidirectional ? "<Result>" : ""
    source.enclosed("public func \(name)\(generic)(", ")\(effects) {") { source in
      for (index, parameter) in parameters.enumerated() {
        source.line(parameter + (index == parameters.count - 1 ? "" : ","))
      }
    }
    for line in body { source.line("  " + line) }
    source.line("}")
  }
}
