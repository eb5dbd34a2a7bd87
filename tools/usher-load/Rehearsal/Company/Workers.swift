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
  }

  private struct State {
    var workers: [Worker]
    /// Those who have come, by a number each.
    var joined:
      [(number: UInt64, tell: CheckedContinuation<Result<Assignment, RPCFailure>, Never>)] =
        []
    var lastNumber: UInt64 = 0
    var standing: [CheckedContinuation<Result<Start, RPCFailure>, Never>] = []
    var assignment: Assignment?
    var lead: Duration?
    var failure: RPCFailure?
    var isStopping = false
    var lost: [Int] = []
  }

  /// After so many looks without a word a worker is given up, at two a second.
  private static let silenceMax = 20

  private let state: Guarded<State>

  init(_ count: Int) { state = Guarded(State(workers: Array(repeating: Worker(), count: count))) }

  var count: Int { state.withLock { $0.workers.count } }
  var joinedCount: Int { state.withLock { $0.workers.count(where: \.hasJoined) } }
  var standCount: Int { state.withLock { $0.workers.count(where: \.stands) } }
  var areAllDone: Bool {
    state.withLock { state in
      state.workers.indices.allSatisfy { state.workers[$0].isFinished || state.lost.contains($0) }
    }
  }
  var lost: [Int] { state.withLock { $0.lost } }
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
      state.lead = lead
      defer { state.standing = [] }
      return state.standing
    }
    let start = Start(inMs: UInt32(clamping: lead.wholeNanoseconds / 1_000_000))
    for one in standing { one.resume(returning: .success(start)) }
  }

  /// Nobody goes on.
  func stop(_ why: RPCFailure? = nil) {
    let (joined, standing) = state.withLock { state in
      state.isStopping = true
      if state.failure == nil { state.failure = why }
      defer { (state.joined, state.standing) = ([], []) }
      return (state.joined, state.standing)
    }
    let failure = why ?? RPCFailure(.cancelled, "the rehearsal was ended")
    for one in joined { one.tell.resume(returning: .failure(failure)) }
    for one in standing { one.resume(returning: .failure(failure)) }
  }

  /// Looks after everyone, and gives up whoever is silent for too long.
  func look() {
    state.withLock { state in
      for index in state.workers.indices where !state.workers[index].isFinished {
        state.workers[index].silence += 1
        let isLost = state.workers[index].silence > Self.silenceMax
        if isLost, !state.lost.contains(index) { state.lost.append(index) }
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
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
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
        if state.isStopping || Task.isCancelled {
          return RPCFailure(.cancelled, "the rehearsal was ended")
        }
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
      let failure = RPCFailure(.unavailable, "worker \(request.part): \(request.failure)")
      stop(failure)
      throw failure
    }
    let result = await withCheckedContinuation { continuation in
      let start = state.withLock { state -> Result<Start, RPCFailure>? in
        if state.isStopping { return .failure(RPCFailure(.cancelled, "the rehearsal was ended")) }
        state.workers[index].stands = true
        state.standing.append(continuation)
        return nil
      }
      if let start { continuation.resume(returning: start) }
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
    guard isKnown else { throw RPCFailure(.permissionDenied, "part \(part) is another's") }
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
