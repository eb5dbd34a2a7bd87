internal import CPostgres
internal import Glibc

/// One connection, always in pipeline mode: any number of statements go to the server together, and
/// their answers come back together. It belongs to one thread, which it may block.
@safe final class PostgresConnection {
  private let raw: OpaquePointer
  /// How long to wait for a whole pipeline's answers.
  private let answerMilliseconds: Int64
  private var prepared: Set<String> = []
  private(set) var isLost = false

  /// What the pipeline that is being made will answer, and what it prepares.
  private var answers: [Answer] = []
  private var preparing: Set<String> = []

  /// An answer that is expected.
  private enum Answer {
    case prepared(String)
    case result
  }

  /// Connects, and sets the session up with `setup`.
  init(
    _ settings: PostgresSettings,
    setup: [Request]
  ) throws(ConnectionFailure) {
    let limits = settings.limits
    answerMilliseconds =
      Int64(limits.statementMilliseconds) + Int64(limits.answerGraceMilliseconds)
    unsafe raw = try Self.connect(settings)
    // From here on deinit puts it away.
    guard unsafe PQsetnonblocking(raw, 1) == 0, unsafe PQenterPipelineMode(raw) == 1 else {
      throw lost()
    }
    try run(setup)
  }

  deinit {
    unsafe PQfinish(raw)
  }

  /// The socket, for whoever waits for what the server says by itself.
  var socket: CInt { unsafe PQsocket(raw) }

  private static func connect(
    _ settings: PostgresSettings
  ) throws(ConnectionFailure) -> OpaquePointer {
    var words = try settings.keywords()
    words.append(("client_encoding", "UTF8"))
    // libpq wants lists that end with a null, and copies what they hold.
    var keywords: [UnsafePointer<CChar>?] = unsafe []
    var values: [UnsafePointer<CChar>?] = unsafe []
    for (word, value) in words {
      unsafe keywords.append(UnsafePointer(unsafe strdup(word)))
      unsafe values.append(UnsafePointer(unsafe strdup(value)))
    }
    unsafe keywords.append(nil)
    unsafe values.append(nil)
    defer {
      for place in unsafe keywords.indices {
        unsafe free(UnsafeMutablePointer(mutating: keywords[place]))
        unsafe free(UnsafeMutablePointer(mutating: values[place]))
      }
    }
    guard let made = unsafe PQconnectdbParams(keywords, values, 0) else {
      throw .lost("there is no memory for a connection")
    }
    guard unsafe PQstatus(made) == CONNECTION_OK else {
      defer { unsafe PQfinish(made) }
      throw .lost(unsafe message(of: made))
    }
    return unsafe made
  }

  private static func message(of raw: OpaquePointer) -> String {
    let text = unsafe String(cString: PQerrorMessage(raw))
    return text.split(separator: "\n").joined(separator: "; ")
  }

  private func lost(_ reason: String? = nil) -> ConnectionFailure {
    isLost = true
    return .lost(unsafe reason ?? Self.message(of: raw))
  }
}

// MARK: - Pipelines

extension PostgresConnection {
  /// Runs the statements in order and answers with a result for each. Where one fails, none after it
  /// is run.
  @discardableResult
  func run(_ requests: [Request]) throws(ConnectionFailure) -> [QueryResult] {
    for request in requests { try add(request) }
    return try finish()
  }

  /// Puts a statement into the pipeline. The server may begin it at once, while the next is made.
  func add(_ request: Request) throws(ConnectionFailure) {
    guard !isLost else { throw .lost("it was lost before") }
    if let name = request.statement.name, !prepared.contains(name), !preparing.contains(name) {
      let sent = unsafe PQsendPrepare(raw, name, request.statement.sql, 0, nil)
      guard sent == 1 else { throw lost() }
      preparing.insert(name)
      answers.append(.prepared(name))
    }
    guard send(request) else { throw lost() }
    answers.append(.result)
  }

  /// Ends the pipeline and answers with a result for each of its statements.
  func finish() throws(ConnectionFailure) -> [QueryResult] {
    guard !isLost else { throw .lost("it was lost before") }
    guard unsafe PQpipelineSync(raw) == 1 else { throw lost() }
    try flush()
    defer {
      answers.removeAll(keepingCapacity: true)
      preparing.removeAll(keepingCapacity: true)
    }
    return try receive()
  }

  private func send(_ request: Request) -> Bool {
    let parameters = request.parameters
    let formats = [CInt](repeating: 1, count: parameters.count)
    // An empty buffer has no address, and no address would be a null and not an empty value.
    let bytes = parameters.bytes.isEmpty ? [0] : parameters.bytes
    return unsafe bytes.withUnsafeBytes { buffer in
      var place = unsafe buffer.baseAddress.map { unsafe $0.assumingMemoryBound(to: CChar.self) }
      var values: [UnsafePointer<CChar>?] = unsafe []
      unsafe values.reserveCapacity(parameters.count)
      for length in parameters.lengths {
        unsafe values.append(place)
        unsafe place = place.map { unsafe $0 + Int(length) }
      }
      let count = CInt(parameters.count)
      guard let name = request.statement.name else {
        return unsafe PQsendQueryParams(
          raw,
          request.statement.sql,
          count,
          nil,
          values,
          parameters.lengths,
          formats,
          1
        ) == 1
      }
      return unsafe PQsendQueryPrepared(
        raw,
        name,
        count,
        values,
        parameters.lengths,
        formats,
        1
      ) == 1
    }
  }

  private func receive() throws(ConnectionFailure) -> [QueryResult] {
    let deadline = Self.now() + answerMilliseconds
    var results: [QueryResult] = []
    results.reserveCapacity(answers.count)
    var failure: ConnectionFailure?
    for answer in answers {
      guard let result = try next(by: deadline) else { throw lost("an answer is missing") }
      // After every answer comes a sign that there are no more rows to it.
      guard try next(by: deadline) == nil else { throw lost("there is an answer too many") }
      switch result.status {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
        if case .prepared(let name) = answer {
          prepared.insert(name)
        } else {
          results.append(result)
        }
      case PGRES_PIPELINE_ABORTED: break
      default: failure = failure ?? result.failure
      }
    }
    guard let sync = try next(by: deadline), sync.status == PGRES_PIPELINE_SYNC else {
      throw lost()
    }
    if let failure { throw failure }
    return results
  }

  /// The next result; nil where one request's are at their end.
  private func next(by deadline: Int64) throws(ConnectionFailure) -> QueryResult? {
    while unsafe PQisBusy(raw) != 0 {
      try wait(for: Int16(POLLIN), by: deadline)
      guard unsafe PQconsumeInput(raw) == 1 else { throw lost() }
    }
    let result = unsafe PQgetResult(raw).map { unsafe QueryResult(owning: $0) }
    // A server that ends the session says why, and then there is nothing more to come.
    guard unsafe PQstatus(raw) == CONNECTION_OK else {
      throw lost(result?.failure.message)
    }
    return result
  }

  private func flush() throws(ConnectionFailure) {
    let deadline = Self.now() + answerMilliseconds
    while true {
      switch unsafe PQflush(raw) {
      case 0: return
      case 1:
        // The server may have to get rid of answers before it takes more.
        try wait(for: Int16(POLLIN | POLLOUT), by: deadline)
        guard unsafe PQconsumeInput(raw) == 1 else { throw lost() }
      default: throw lost()
      }
    }
  }

  private func wait(for events: Int16, by deadline: Int64) throws(ConnectionFailure) {
    var file = pollfd(fd: socket, events: events, revents: 0)
    while true {
      let left = deadline - Self.now()
      guard left > 0 else { throw lost("the server does not answer") }
      let count = unsafe poll(&file, 1, Int32(clamping: left))
      if count > 0 { return }
      guard count == 0 || errno == EINTR else { throw lost("the socket cannot be waited for") }
    }
  }

  /// Milliseconds of a clock that nobody sets.
  static func now() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}

// MARK: - Notifications

extension PostgresConnection {
  /// Takes what has come in, and answers with the notifications among it.
  func notifications() throws(ConnectionFailure) -> [String] {
    guard unsafe PQconsumeInput(raw) == 1 else { throw lost() }
    var payloads: [String] = []
    while let notification = unsafe PQnotifies(raw) {
      unsafe payloads.append(String(cString: notification.pointee.extra))
      unsafe PQfreemem(notification)
    }
    return payloads
  }
}
