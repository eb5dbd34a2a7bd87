internal import Arguments
internal import Descriptors
internal import RPCCore
internal import Reflection
internal import UsherClient
internal import Wire

extension Command {
  static let call = Command(
    name: "call",
    summary: "Calls any method by its name, with JSON both ways.",
    parameters: "METHOD [JSON]",
    examples: [
      "usher call health/check",
      #"usher call grpc.health.v1.Health/Watch '{"service":"usher.v1.GateService"}'"#,
      "usher call --template gate/enter > enter.json",
      "usher call gate/enter -d @enter.json --user 0199c0de-0000-7000-8000-000000000001",
      "usher call --list gate",
    ],
    flags: [
      Flag(
        "request",
        "JSON",
        mayRepeat: true,
        isSetting: false,
        help: "the request, or @FILE, or @- for standard input; -d in short"
      ),
      Flag(
        "metadata",
        "KEY=VALUE",
        mayRepeat: true,
        isSetting: false,
        help: "travels beside the request; a key in -bin takes base64"
      ),
      Flag("user", "ID", isSetting: false, help: "the user for whom the call is made"),
      Flag("defaults", isSetting: false, help: "print fields at their defaults too"),
      Flag("verbose", isSetting: false, help: "tell metadata, status, trailers and times; or -v"),
      Flag("unsent", isSetting: false, help: "print the bytes that would be sent, but for keys"),
      Flag("list", isSetting: false, help: "list the methods there are, or those of a service"),
      Flag("describe", isSetting: false, help: "describe the method and its messages"),
      Flag("template", isSetting: false, help: "print a request to fill in"),
    ],
    notes: [
      "A method goes by any end of its name that no other has: gate/enter, or Enter.",
      "Where requests stream, JSON holds any number of them, one behind the other; each is sent as",
      "soon as it is read. Responses are printed one a line. Nothing is read from standard input",
      "without @-, and streams have no time-out but the one that --timeout gives. Unless --metadata",
      "says otherwise, OperatorService is shown operator.key and the other services app.key, and a",
      "method that changes something gets an idempotency key of its own.",
    ],
    wordsMax: 2
  ) { invocation in
    try await invocation.call()
  }
}

extension Invocation {
  fileprivate func call() async throws -> ExitCode {
    let catalog = try makeCatalog()
    if flags.has("list") { return try listMethods(catalog) }
    guard let name = words.first else {
      throw UsageError(
        "there is no method to call",
        hint: "usher call --list lists them; usage: \(Command.call.help.usage)"
      )
    }
    let method = try found { () throws(LookupFailure) in try catalog.method(named: name) }
    if flags.has("describe") { return try describe(.method(method), in: catalog) }
    guard let taken = MessageCodec(method.schema.request, in: catalog),
      let given = MessageCodec(method.schema.response, in: catalog)
    else { throw Complaint("the schema lacks a message of \(method.name)", code: .failed) }
    if flags.has("template") {
      console.answer(taken.template())
      return .done
    }
    let requests = try requests(of: method, taken)
    var options = try callOptions(of: method)
    if flags.has("unsent") {
      let unsent = UnsentCall(
        catalog: catalog,
        method: method,
        requests: requests,
        options: options
      )
      for line in try await unsent.lines() { console.answer(line) }
      return .done
    }
    try addKeys(to: &options.metadata, of: method)
    let call = DynamicCall(
      method: MethodDescriptor(method),
      requests: requests,
      responses: given,
      options: options,
      traceConsole: flags.has("verbose") ? console : nil,
      printJSON: console.answer,
      showsAllFields: flags.has("defaults"),
      remind: remindOfWaiting
    )
    return try await make(call, of: method, catalog)
  }

  private func make(
    _ call: DynamicCall,
    of method: CatalogMethod,
    _ catalog: Catalog
  ) async throws -> ExitCode {
    do {
      try await connected { usher in
        try await call.make(through: usher.caller)
      }
    } catch let failure as RPCFailure where failure.isFromPeer {
      let complaint = Complaint(about: failure)
      throw Complaint(
        complaint.message,
        hint: complaint.hint ?? hint(failure, of: method, catalog),
        code: complaint.code
      )
    }
    return .done
  }

  /// What the schema itself says of a refusal, or who could tell more.
  private func hint(
    _ failure: RPCFailure,
    of method: CatalogMethod,
    _ catalog: Catalog
  ) -> String? {
    if failure.refusal == "CREDENTIALS_INVALID", !flags.has("metadata"),
      let file = keys.path(of: Keys.Role(callerOf: method.service))
    {
      return Advice.ofStrangeKey(in: file)
    }
    if failure.refusal == "USER_REQUIRED" { return "--user ID names them." }
    if let refusal = failure.refusal,
      let value = catalog.enumeration("usher.v1.Refusal")?.values
        .first(where: { $0.name == "REFUSAL_" + refusal }),
      // The comment begins with the status, in brackets.
      let meaning = value.comment.split(separator: "] ", maxSplits: 1).dropFirst().first
    {
      return "\(refusal): \(meaning)"
    }
    switch failure.code {
    case .invalidArgument: return "usher call --describe \(method.name) tells what it takes."
    case .unauthenticated:
      return "show who is calling: --metadata authorization=\"Bearer KEY-OR-TOKEN\"."
    case .deadlineExceeded: return "give it longer with --timeout."
    default: return nil
    }
  }

  private func requests(
    of method: CatalogMethod,
    _ codec: MessageCodec
  ) throws -> RequestSource {
    let typed = Array(words.dropFirst())
    let flagged = flags.values["request"] ?? []
    guard typed.isEmpty || flagged.isEmpty else {
      throw UsageError("a request stands behind the method or behind -d, not both")
    }
    let texts = typed + flagged
    guard !texts.isEmpty || !method.schema.streamsRequests else {
      throw UsageError(
        "\(method.name) takes a stream of requests, and there are none",
        hint: "give them with -d, or -d @- for standard input; -d '' sends none."
      )
    }
    return RequestSource(texts: texts, codec: codec, console: console, method: method.name)
  }

  private func callOptions(of method: CatalogMethod) throws -> CallOptions {
    var options = options
    // A stream goes on for as long as it has something to say.
    if method.schema.streamsRequests || method.schema.streamsResponses, !flags.has("timeout") {
      options.timeout = nil
    }
    for entry in flags.values["metadata"] ?? [] { try add(entry, to: &options.metadata) }
    if let user = flags["user"] {
      guard options.metadata[Metadata.Key.user] == nil else {
        throw UsageError("the user stands behind --user or --metadata, not both")
      }
      try add("\(Metadata.Key.user)=\(user)", to: &options.metadata)
    }
    return options
  }

  /// Adds what nobody wants to type: who calls, and what a repetition is known by.
  private func addKeys(to metadata: inout Metadata, of method: CatalogMethod) throws {
    try keys.add(to: &metadata, toCall: method.service)
    let changes = MethodDescriptor(method).effects == .some
    if changes, metadata[Metadata.Key.idempotencyKey] == nil {
      try metadata.add(Metadata.Key.idempotencyKey, makeIdempotencyKey())
    }
  }

  private func add(_ entry: String, to metadata: inout Metadata) throws {
    let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw UsageError("--metadata is KEY=VALUE, not \"\(entry)\"") }
    let key = String(parts[0])
    let value = String(parts[1])
    do throws(MetadataFault) {
      guard key.hasSuffix("-bin") else { return try metadata.add(key, value) }
      guard let bytes = Base64.decode(value) else { throw .invalidValue }
      try metadata.add(key, bytes)
    } catch {
      switch error {
      case .invalidKey: throw UsageError("--metadata: \"\(key)\" is not a key of a-z0-9._-")
      case .invalidValue where key.hasSuffix("-bin"):
        throw UsageError("--metadata: the value of \(key) is not base64")
      case .invalidValue: throw UsageError("--metadata: the value of \(key) is not ASCII")
      case .tooManyEntries, .tooManyBytes: throw UsageError("--metadata: it is too much for a call")
      }
    }
  }

  private func listMethods(_ catalog: Catalog) throws -> ExitCode {
    var methods = catalog.methods
    if let name = words.first {
      let service = try found { () throws(LookupFailure) in try catalog.service(named: name) }
      methods = methods.filter { $0.service == service.fullName }
    }
    if flags.has("json") {
      console.answer(JSON.array(methods.map { .string($0.name) }).text)
    } else {
      for method in methods { console.answer(method.name) }
    }
    return .done
  }
}

extension Invocation {
  /// A name that was looked up; what cannot be found was typed wrong.
  func found<Thing>(_ body: () throws(LookupFailure) -> Thing) throws -> Thing {
    do throws(LookupFailure) {
      return try body()
    } catch {
      throw UsageError(error.description, hint: "usher describe lists what there is.")
    }
  }
}
