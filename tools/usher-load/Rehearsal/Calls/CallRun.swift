internal import Measuring
package import RPCCore
package import Scenarios
package import Wire

/// One method, called over and over: at the moments of a plan, or by callers who each call again as soon
/// as they are answered.
package struct CallRun: Sendable {
  /// One call to be made.
  package struct Call: Sendable {
    package let request: EncodedMessage
    package let metadata: Metadata

    package init(request: EncodedMessage, metadata: Metadata) {
      self.request = request
      self.metadata = metadata
    }
  }

  /// What is called.
  package enum Calls: Sendable {
    /// The same each time.
    case one(Call)
    /// Another for each number.
    case each(@Sendable (_ number: Int) -> Call?)

    /// The call of that number; nil where what is made of the number is no request.
    func call(_ number: Int) -> Call? {
      switch self {
      case .one(let call): call
      case .each(let make): make(number)
      }
    }
  }

  private let scenario: Scenario
  private let seed: UInt64
  private let method: MethodDescriptor
  private let calls: Calls
  private let grounds: Grounds
  private let connections: Int
  private let recordings: [String: RecordedArrivals]

  package init(
    of scenario: Scenario,
    seed: UInt64,
    method: MethodDescriptor,
    _ calls: Calls,
    on grounds: Grounds,
    connections: Int,
    recordings: [String: RecordedArrivals] = [:]
  ) throws {
    guard method.kind.takesOneRequest else {
      throw RehearsalFailure(
        "\(method.path.dropFirst()) takes a stream of requests, and only one request can be rehearsed"
      )
    }
    self.scenario = scenario
    self.seed = seed
    self.method = method
    self.calls = calls
    self.grounds = grounds
    self.connections = connections
    self.recordings = recordings
  }

  /// Makes the calls. `progress` is told how it goes, about twice a second. Whoever cancels it gets what
  /// there is until then.
  package func run(
    _ progress: @escaping @Sendable (Glance) -> Void
  ) async throws -> Rehearsed {
    let loop = grounds.loops[0]
    let stands = try await Stands(on: grounds, connections: connections)
    defer { stands.close() }
    let start = loop.clockNow + Self.lead
    let ensemble = await stands.ensemble(start: start, part: .whole) { stage, lines, part, done in
      Calling(on: stage, plan(part), lines: lines, done: done)
    }
    @Sendable func rehearsed(_ ending: Rehearsed.Ending) async -> Rehearsed {
      Rehearsed(
        scenario,
        seed: seed,
        loops: grounds.loops.count,
        results: await ensemble.results(),
        seconds: max(0, Double((loop.clockNow - start).wholeNanoseconds) / 1e9),
        ending: ending
      )
    }
    // Unstructured: it looks on for as long as this function plays, and then is cancelled.
    let looking = Task(executorPreference: grounds.executor) {
      while await loop.sleep(for: .milliseconds(500)) {
        let soFar = await rehearsed(.underWay)
        progress(Glance(seconds: soFar.seconds, results: soFar.results, sale: nil) { soFar })
      }
    }
    defer { looking.cancel() }
    await ensemble.play()
    return await rehearsed(Task.isCancelled ? .interrupted : .itself)
  }

  /// How long after all is ready it begins.
  private static let lead = Duration.milliseconds(20)

  private func plan(_ part: Part) -> Calling.Plan {
    let callers = scenario.callers.map { callers in
      (0..<callers).count { $0 % part.count == part.index }
    }
    // Of the loops, those that have a caller.
    let loops = scenario.callers.map { min($0, part.count) } ?? part.count
    let most = scenario.people / loops + (part.index < scenario.people % loops ? 1 : 0)
    return Calling.Plan(
      method: method,
      calls: calls,
      callers: callers,
      most: most,
      part: part,
      arrivals: scenario.schedule(seed: seed, recordings: recordings).part(part),
      counted: UInt64(clamping: scenario.warmUp.wholeNanoseconds),
      end: UInt64(clamping: scenario.timeLimit.wholeNanoseconds)
    )
  }
}

extension ArrivalSchedule {
  /// Those that belong to one part of the people, with their numbers.
  func part(_ part: Part) -> AnyIterator<Arrivals.Arrival> {
    var arrivals = enumerated().makeIterator()
    return AnyIterator {
      while let (number, moment) = arrivals.next() {
        if number % part.count == part.index { return (number, moment) }
      }
      return nil
    }
  }
}
