internal import BenchSupport
internal import Foundation
internal import RPCCore
internal import Synchronization
internal import UsherAPI
internal import Wire

// What is measured.

extension Crowd {
  /// As many as can take places, for so long.
  func enter(for time: Duration) async throws -> String {
    let start = now() + Self.warmUp
    let end = start + time.nanoseconds
    let spent = processorTime()
    let samples = try await withThrowingTaskGroup(of: Samples.self) { group in
      for _ in 0..<Self.callers {
        group.addTask {
          var samples = Samples()
          while true {
            let options = try options(for: newcomer())
            let sent = now()
            guard sent < end else { return samples }
            _ = try await gates.enter(EnterRequest(gate: "line"), options: options)
            let arrived = now()
            if arrived >= start, arrived < end { samples.add(arrived - sent) }
          }
        }
      }
      return try await group.reduce(into: Samples()) { $0 += $1 }
    }
    let share = Double(processorTime() - spent) / Double(now() - start + Self.warmUp)
    let rate = Double(samples.all.count) / Double(time.nanoseconds) * 1e9
    return "{\"rate\": \(rate), \"driver_cpu\": \(share), \(samples.json)}"
  }

  /// From a place that is freed to the next person who is told of it: one person is inside a gate of
  /// one, leaves it, and whoever watches as the next hears of it. Beside it others take places at
  /// `rate` a second.
  func handOver(for time: Duration, besides rate: Double) async throws -> String {
    var policy = GatePolicy(insideMax: 1)
    policy.claimTTLMs = 600_000
    try await set("relay", policy)
    let end = now() + time.nanoseconds
    return try await withThrowingTaskGroup(of: Samples?.self) { group in
      group.addTask {
        try await load(rate, until: end)
        return nil
      }
      group.addTask { try await relay(until: end) }
      var samples = Samples()
      for try await some in group { if let some { samples += some } }
      return "{\"count\": \(samples.all.count), \(samples.json)}"
    }
  }

  private func relay(until end: Int64) async throws -> Samples {
    var samples = Samples()
    var inside = try await enterRelay()
    while now() < end {
      let next = try await enterRelay()
      let options = try options(for: next.user, showing: next.token)
      let stream = gates.watch(WatchRequest(), options: options)
      var places = stream.makeAsyncIterator()
      guard try await places.next()?.state == .waiting else {
        throw RPCFailure(.internal, "the next person does not wait")
      }
      _ = try await gates.leave(
        LeaveRequest(),
        options: self.options(for: inside.user, showing: inside.token)
      )
      // From the reply on, which follows the commit; what is told before it took no time.
      let freed = now()
      while let place = try await places.next(), place.state == .waiting {}
      samples.add(max(0, now() - freed))
      _ = try await gates.claim(
        ClaimRequest(),
        options: self.options(for: next.user, showing: next.token)
      )
      inside = next
    }
    return samples
  }

  private func enterRelay() async throws -> (user: String, token: String) {
    let user = try newcomer()
    let entered = try await gates.enter(
      EnterRequest(gate: "relay"),
      options: options(for: user)
    )
    return (user, entered.queueToken)
  }

  /// Entries at an even rate, some at a time.
  private func load(_ rate: Double, until end: Int64) async throws {
    let clock = ContinuousClock()
    try await withThrowingDiscardingTaskGroup { group in
      let start = now()
      var sent = 0
      while now() < end {
        let due = Int(Double(now() - start) / 1e9 * rate)
        while sent < due {
          sent += 1
          group.addTask {
            _ = try await gates.enter(
              EnterRequest(gate: "line"),
              options: options(for: newcomer())
            )
          }
        }
        try await clock.sleep(for: .milliseconds(2))
      }
    }
  }

  /// So many watch a line, which then begins to move by so many a second.
  mutating func watch(_ watchers: Int, moving rate: UInt32) async throws -> String {
    var policy = GatePolicy(rateCount: rate, rateIntervalMs: 1_000)
    policy.claimTTLMs = 50_000
    try await set("parade", policy)
    let change = ChangeGateRequest(name: "parade")
    _ = try await operators.pauseGate(change, options: operatorOptions())
    let crowd = self
    let counts = counts
    let places = try await line(of: watchers, at: "parade")
    // Unstructured, for they watch on while other orders are done; they end with the program.
    attending = Task {
      try await withThrowingDiscardingTaskGroup { group in
        for (user, token, _) in places {
          group.addTask {
            let options = try crowd.options(for: user, showing: token)
            let stream = crowd.gates.watch(WatchRequest(), options: options)
            for try await place in stream { counts.told(place.encoded().count) }
          }
        }
      }
    }
    while counts.messages < watchers { try await Task.sleep(for: .milliseconds(50)) }
    _ = try await operators.resumeGate(change, options: operatorOptions())
    return "{\"watchers\": \(watchers)}"
  }

  /// So many newcomers take places at a gate. Answers who they are, what they show, and when they are
  /// to ask again.
  private func line(
    of count: Int,
    at gate: String
  ) async throws -> [(user: String, token: String, askAgainMs: UInt32)] {
    try await Self.many(count) { _ in
      let user = try newcomer()
      let entered = try await gates.enter(EnterRequest(gate: gate), options: options(for: user))
      return (user, entered.queueToken, entered.place?.askAgainMs ?? 0)
    }
  }

  /// So many wait in a line that moves by one person a second, and ask after their place as often as
  /// they are told to. Answers when each has asked once.
  mutating func poll(_ people: Int) async throws -> String {
    var policy = GatePolicy(rateCount: 1, rateIntervalMs: 1_000)
    policy.claimTTLMs = 600_000
    try await set("patience", policy)
    let crowd = self
    let counts = counts
    let places = try await line(of: people, at: "patience")
    // Unstructured, as watching is.
    attending = Task {
      try await withThrowingDiscardingTaskGroup { group in
        for (user, token, firstMs) in places {
          group.addTask {
            let options = try crowd.options(for: user, showing: token)
            var afterMs = firstMs
            while true {
              try await Task.sleep(for: .milliseconds(Int(afterMs)))
              let place = try await crowd.gates.check(CheckRequest(), options: options)
              counts.told(place.encoded().count)
              guard place.state == .waiting else { return }
              afterMs = place.askAgainMs
            }
          }
        }
      }
    }
    while counts.messages < people { try await Task.sleep(for: .milliseconds(50)) }
    return "{\"people\": \(people)}"
  }

  /// What those who watch or ask are told in so long.
  func count(for time: Duration) async throws -> String {
    let before = (counts.messages, counts.bytes)
    let log = try await stats().offset
    let start = now()
    try await Task.sleep(for: time)
    let seconds = Double(now() - start) / 1e9
    let (messages, bytes) = (counts.messages - before.0, counts.bytes - before.1)
    let events = try await stats().offset - log
    return """
      {"seconds": \(seconds), "messages": \(messages), "bytes": \(bytes), "events": \(events)}
      """
  }
}

/// What those who watch or ask were told.
final class WatchCounts: Sendable {
  private let told = Atomic<Int>(0)
  private let size = Atomic<Int>(0)

  var messages: Int { told.load(ordering: .relaxed) }
  var bytes: Int { size.load(ordering: .relaxed) }

  func told(_ bytes: Int) {
    told.add(1, ordering: .relaxed)
    size.add(bytes, ordering: .relaxed)
  }
}
