internal import RPCCore
internal import Threads

/// Which part of a run is whose.
package struct Part: Sendable, Codable, Hashable {
  package let index: Int
  package let count: Int

  package static let whole = Part(index: 0, count: 1)

  package init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// One part of this part: everyone in it belongs to this one too.
  func part(_ index: Int, of count: Int) -> Part {
    Part(index: self.index + index * self.count, count: self.count * count)
  }
}

/// Every loop of a run with its connections, all of which stand before anything is measured.
package struct Stands: Sendable {
  let grounds: Grounds
  private let lines: [LoopBound<Lines>]

  /// Connects. Throws why that cannot be done.
  init(on grounds: Grounds, connections: Int) async throws(RPCFailure) {
    self.grounds = grounds
    var all: [LoopBound<Lines>] = []
    let count = max(1, connections / grounds.loops.count)
    for loop in grounds.loops {
      all.append(
        await loop.run {
          LoopBound(Lines(count, through: grounds.connector, on: loop), to: loop)
        }
      )
    }
    lines = all
    for one in all {
      guard let failure = await Self.connect(one) else { continue }
      close()
      throw failure
    }
  }

  /// Makes every connection of a loop. Answers why that cannot be done.
  private static func connect(_ lines: LoopBound<Lines>) async -> RPCFailure? {
    await withCheckedContinuation { (continuation: CheckedContinuation<RPCFailure?, Never>) in
      lines.run { lines in
        var left = lines.count
        var failure: RPCFailure?
        for number in 0..<lines.count {
          lines.withLine(number) { line in
            if case .failure(let why) = line { failure = why }
            left -= 1
            if left == 0 { continuation.resume(returning: failure) }
          }
        }
      }
    }
  }

  /// Players on all loops, each with its part. They begin at `start`.
  func ensemble(
    start: Moment,
    part: Part,
    _ make: @escaping @Sendable (Stage, Lines, Part, _ done: @escaping () -> Void) -> any Player
  ) async -> Ensemble {
    let done = Countdown(from: lines.count)
    var players: [LoopBound<any Player>] = []
    for (index, lines) in lines.enumerated() {
      let stage = LoopBound(grounds.stage(on: lines.loop, start: start), to: lines.loop)
      let part = part.part(index, of: self.lines.count)
      players.append(
        await lines.loop.run {
          LoopBound(make(stage.value, lines.value, part, done.one), to: lines.loop)
        }
      )
    }
    return Ensemble(players, done)
  }

  /// Closes all connections.
  func close() {
    for one in lines { one.run { $0.close() } }
  }
}

/// What happens on one loop of a run. Lives there.
protocol Player: AnyObject {
  func begin()
  /// Ends it now, if it has not ended.
  func end()
  var results: Results { get }
}

/// The players of all loops.
final class Ensemble: Sendable {
  private let players: [LoopBound<any Player>]
  private let done: Countdown
  private let usedBefore = Health.processorNanoseconds
  private let memory = Guarded((before: Health.residentBytes, most: Health.residentBytes))

  init(_ players: [LoopBound<any Player>], _ done: Countdown) {
    self.players = players
    self.done = done
  }

  /// Begins, and returns when the last has ended. Cancelling it ends them.
  func play() async {
    for player in players { player.run { $0.begin() } }
    await withTaskCancellationHandler {
      await done.wait()
    } onCancel: {
      for player in players { player.run { $0.end() } }
    }
  }

  /// What it came to so far.
  func results() async -> Results {
    var all = Results()
    for player in players { all.merge(await player.loop.run { player.value.results }) }
    let memory = memory.withLock { memory in
      memory.most = max(memory.most, Health.residentBytes)
      return memory
    }
    all.health.processorNanoseconds = Health.processorNanoseconds - usedBefore
    all.health.memoryBytes = memory.most
    all.health.memoryBeforeBytes = memory.before
    return all
  }
}

/// Waits for so many to be done.
final class Countdown: Sendable {
  private struct State {
    var left: Int
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let state: Guarded<State>

  init(from count: Int) { state = Guarded(State(left: count)) }

  func one() {
    let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.left -= 1
      return state.left == 0 ? state.waiting.take() : nil
    }
    waiting?.resume()
  }

  /// Returns when all are. For one who waits.
  func wait() async {
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        if state.left > 0 { state.waiting = continuation }
        return state.left <= 0
      }
      if isDone { continuation.resume() }
    }
  }
}
