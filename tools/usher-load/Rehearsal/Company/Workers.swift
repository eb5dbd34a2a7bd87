internal import Foundation
internal import LoadAPI
internal import RPCCore
internal import Scenarios
internal import Threads
internal import UsherAPI
internal import UsherClient
internal import Wire

/// What the one who coordinates knows of those who bring the crowd.
final class Workers: Sendable {
  /// A worker's last word.
  private struct Worker {
    var hasJoined = false
    /// What it shows, so that nobody speaks for it.
    let pass = IdempotencyKey.make()
    var stands = false
    var results = Results()
    var isFinished = false
    /// How often it was looked for since it was heard.
    var silence = 0
    /// When it was heard last, in nanoseconds since the start.
    var lastHeard: UInt64 = 0

    var isLost: Bool { !isFinished && silence > Workers.silenceMax }
  }

  /// One who waits to be told to go on, by a number of its own.
  private typealias Waiting<Answer> =
    (number: UInt64, tell: CheckedContinuation<Result<Answer, RPCFailure>, Never>)

  private struct State {
    var workers: [Worker]
    /// Those who have come.
    var joined: [Waiting<Assignment>] = []
    /// Those whose connections stand.
    var standing: [Waiting<Start>] = []
    var lastNumber: UInt64 = 0
    var assignment: Assignment?
    var failure: RPCFailure?
    var isStopping = false

    mutating func nextNumber() -> UInt64 {
      lastNumber += 1
      return lastNumber
    }

    /// Why nobody goes on; nil: all do.
    var refusal: RPCFailure? {
      guard isStopping || Task.isCancelled else { return nil }
      return failure ?? Workers.ended
    }
  }

  /// After so many looks without a word a worker is given up, at two a second.
  private static let silenceMax = 20

  private let state: Guarded<State>

  init(_ count: Int) { state = Guarded(State(workers: Array(repeating: Worker(), count: count))) }

  /// What answers those who come.
  func makeCore() throws -> ServerCore {
    var limits = ServerLimits.defaults
    limits.frameBytesMax = 8 << 20
    return ServerCore(router: try Router(services: [self]), limits: limits)
  }

  var count: Int { state.withLock { $0.workers.count } }
  /// How many have come.
  var joinedCount: Int {
    state.withLock { max($0.joined.count, $0.workers.count(where: \.hasJoined)) }
  }
  var standCount: Int { state.withLock { $0.workers.count(where: \.stands) } }
  var areAllDone: Bool {
    state.withLock { state in
      state.workers.allSatisfy { $0.isFinished || $0.isLost }
    }
  }
  /// Those who are not ready, by their names.
  var notReady: [String] {
    state.withLock { state in
      state.workers.indices.filter { !state.workers[$0].stands }.map(Self.name)
    }
  }
  /// Those who are not heard of any more, by their names, and when each was heard last.
  var lost: [(name: String, moment: UInt64)] {
    state.withLock { state in
      state.workers.indices.filter { state.workers[$0].isLost }
        .map { (Self.name($0), state.workers[$0].lastHeard) }
    }
  }
  var failure: RPCFailure? { state.withLock { $0.failure } }

  var results: Results {
    state.withLock { state in
      state.workers.reduce(into: Results()) { $0.merge($1.results) }
    }
  }

  /// What all are told who have come, as soon as all have.
  func assign(_ assignment: Assignment) {
    state.withLock { $0.assignment = assignment }
    wakeJoined()
  }

  /// The doors open so long after now.
  func start(in lead: Duration) {
    let standing = state.withLock { state in
      defer { state.standing = [] }
      return state.standing
    }
    let start = Start(inMs: UInt32(clamping: lead.wholeNanoseconds / 1_000_000))
    for one in standing { one.tell.resume(returning: .success(start)) }
  }

  /// Nobody goes on.
  func stop(_ why: RPCFailure? = nil) {
    let (joined, standing) = state.withLock { state in
      state.isStopping = true
      if state.failure == nil { state.failure = why }
      defer { (state.joined, state.standing) = ([], []) }
      return (state.joined, state.standing)
    }
    let failure = why ?? Self.ended
    for one in joined { one.tell.resume(returning: .failure(failure)) }
    for one in standing { one.tell.resume(returning: .failure(failure)) }
  }

  private static let ended = RPCFailure(.cancelled, "the rehearsal was ended")

  /// How a worker is called, by whoever coordinates and by itself.
  static func name(_ index: Int) -> String { "worker \(index + 1)" }

  /// Looks after everyone, so long after the start. Whoever is silent for too long is lost until it is
  /// heard again.
  func look(at moment: UInt64) {
    state.withLock { state in
      for index in state.workers.indices {
        if state.workers[index].silence == 0 { state.workers[index].lastHeard = moment }
        state.workers[index].silence += 1
      }
    }
  }

  private func wakeJoined() {
    let woken = state.withLock {
      state -> [CheckedContinuation<Result<Assignment, RPCFailure>, Never>] in
      let isFull = state.joined.count == state.workers.count
      guard isFull, state.assignment != nil else { return [] }
      defer { state.joined = [] }
      for index in state.workers.indices { state.workers[index].hasJoined = true }
      return state.joined.map(\.tell)
    }
    guard !woken.isEmpty, let assignment = state.withLock({ $0.assignment }) else { return }
    for (index, one) in woken.enumerated() {
      var own = assignment
      own.part = UInt32(index)
      own.parts = UInt32(woken.count)
      own.pass = state.withLock { $0.workers[index].pass }
      one.resume(returning: .success(own))
    }
  }
}

// MARK: - What workers call

extension Workers: CoordinationService {
  func join(
    _ request: JoinRequest,
    context: CallContext
  ) async throws -> Reply<Assignment> {
    guard request.version == Version.number else {
      throw RPCFailure(.failedPrecondition, "the coordinator is usher-load \(Version.number)")
    }
    let number = state.withLock { $0.nextNumber() }
    // Whoever goes away while others are waited for has not come.
    return try await withTaskCancellationHandler {
      try await join(as: number)
    } onCancel: {
      let gone = state.withLock { state in
        let index = state.joined.firstIndex { $0.number == number }
        return index.map { state.joined.remove(at: $0).tell }
      }
      gone?.resume(returning: .failure(RPCFailure(.cancelled, "the worker went away")))
    }
  }

  private func join(as number: UInt64) async throws -> Reply<Assignment> {
    let result = await withCheckedContinuation { continuation in
      let refusal = state.withLock { state -> RPCFailure? in
        if let refusal = state.refusal { return refusal }
        let isTaken = state.workers.allSatisfy(\.hasJoined)
        guard !isTaken, state.joined.count < state.workers.count else {
          return RPCFailure(.failedPrecondition, "as many workers have come as were asked for")
        }
        state.joined.append((number, continuation))
        return nil
      }
      if let refusal { continuation.resume(returning: .failure(refusal)) }
      wakeJoined()
    }
    return Reply(try result.get())
  }

  func stand(_ request: StandRequest, context: CallContext) async throws -> Reply<Start> {
    let index = try index(request.part, request.pass)
    guard request.failure.isEmpty else {
      let failure = RPCFailure(.unavailable, "\(Self.name(index)): \(request.failure)")
      stop(failure)
      throw failure
    }
    let number = state.withLock { $0.nextNumber() }
    return try await withTaskCancellationHandler {
      try await stand(index, as: number)
    } onCancel: {
      let gone = state.withLock { state in
        let place = state.standing.firstIndex { $0.number == number }
        return place.map { state.standing.remove(at: $0).tell }
      }
      guard let gone else { return }
      // Without its part there is no sale to rehearse.
      let failure = RPCFailure(
        .unavailable,
        "\(Self.name(index)) went away before the doors opened"
      )
      stop(failure)
      gone.resume(returning: .failure(failure))
    }
  }

  private func stand(_ index: Int, as number: UInt64) async throws -> Reply<Start> {
    let result = await withCheckedContinuation { continuation in
      let refusal = state.withLock { state -> RPCFailure? in
        if let refusal = state.refusal { return refusal }
        state.workers[index].stands = true
        state.standing.append((number, continuation))
        return nil
      }
      if let refusal { continuation.resume(returning: .failure(refusal)) }
    }
    return Reply(try result.get())
  }

  func tell(_ request: Interim, context: CallContext) async throws -> Reply<Going> {
    let index = try index(request.part, request.pass)
    let results = try Self.results(request.results)
    let isStopping = state.withLock { state in
      state.workers[index].silence = 0
      if !state.workers[index].isFinished { state.workers[index].results = results }
      return state.isStopping
    }
    return Reply(Going(stop: isStopping))
  }

  func finish(
    _ requests: RequestStream<Piece>,
    context: CallContext
  ) async throws -> Reply<Finished> {
    var bytes: [UInt8] = []
    var known: Int?
    for try await piece in requests {
      known = try index(piece.part, piece.pass)
      guard bytes.count < Self.resultBytesMax else {
        throw RPCFailure(.resourceExhausted, "results of more than \(Self.resultBytesMax) bytes")
      }
      bytes += piece.results
    }
    guard let index = known else { throw RPCFailure(.invalidArgument, "these are no results") }
    let results = try Self.results(bytes)
    state.withLock { state in
      state.workers[index].results = results
      state.workers[index].isFinished = true
    }
    return Reply(Finished())
  }

  private static let resultBytesMax = 1 << 30

  /// The worker of a part, if it is that one which speaks.
  private func index(_ part: UInt32, _ pass: String) throws -> Int {
    let isKnown = state.withLock { state in
      part < UInt32(clamping: state.workers.count) && state.workers[Int(part)].pass == pass
    }
    guard isKnown else { throw RPCFailure(.permissionDenied, "\(Self.name(Int(part))) is another") }
    return Int(part)
  }

  private static func results(_ bytes: [UInt8]) throws -> Results {
    do {
      return try JSONDecoder().decode(Results.self, from: Data(bytes))
    } catch {
      throw RPCFailure(.invalidArgument, "these are no results", cause: error)
    }
  }
}
