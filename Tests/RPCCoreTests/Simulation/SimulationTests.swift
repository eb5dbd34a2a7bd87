import Fixtures
@testable import RPCCore
import TestSupport
import Testing
import Wire

/// Random calls of every kind over a network that cuts, holds back and breaks. A seed that fails is
/// named, and repeats its run.
@Suite("Whatever the network does") struct SimulationTests {
  private struct Ended: Sendable {
    let call: SimulatedCall
    let failure: (any Error)?
  }

  /// One run.
  private struct World {
    let loop: SimulatedLoop
    let handlers: SimulatedHandlers
    let connector: ShakyConnector
    let client: Client
    let calls: [SimulatedCall]
    let ended = Record<Ended>()
    let seed: UInt64

    init(seed: UInt64) throws {
      self.seed = seed
      var random = SeededGenerator(seed: seed)
      loop = SimulatedLoop(seed: random.next())
      handlers = SimulatedHandlers(loop: loop)
      var limits = ServerLimits()
      if random.isOne(in: 3) { limits.openCallsMax = random.draw(from: 1...8) }
      if random.isOne(in: 3) { limits.outputBytesMax = random.draw(from: 1_000...50_000) }
      if random.isOne(in: 3) { limits.creditBytes = 1 << 20 }
      var weather = ShakyConnector.Weather()
      if random.isOne(in: 2) { weather.chunksPerLoss = random.draw(from: 20...400) }
      let core = try ServerCore.scripted(handlers.service, reads: handlers.reads, limits: limits)
      connector = ShakyConnector(to: core, on: loop, weather: weather, seed: random.next())
      var clientLimits = ClientLimits()
      clientLimits.connectionsPerAddress = random.draw(from: 1...3)
      clientLimits.callsPerRetry = random.draw(from: 1...10)
      client = Client(connector: connector, limits: clientLimits)
      calls = (0..<30).map { SimulatedCall(number: $0, random: &random) }
    }

    /// Makes every call, and leaves when all have ended. A server drains or cuts a connection now and
    /// then.
    func run() throws {
      let (loop, client, ended) = (loop, client, ended)
      let calls = calls
      let stops = stops
      try loop.run(advancing: .seconds(3_600)) {
        await withTaskGroup(of: Void.self) { group in
          for call in calls {
            group.addTask {
              // The call's own failure is what is recorded.
              try? await loop.pause(for: call.startAfter)
              let failure = await Self.make(call, with: client, on: loop)
              ended.add(Ended(call: call, failure: failure))
            }
          }
          group.addTask { await stops() }
        }
        client.close()
      }
      loop.advance(by: .seconds(3_600))
    }

    private var stops: @Sendable () async -> Void {
      let (loop, connector, seed) = (loop, connector, seed)
      return {
        var random = SeededGenerator(seed: seed ^ 0xabc)
        for _ in 0..<random.draw(from: 0...3) {
          // Nobody cancels this task.
          try? await loop.pause(for: .milliseconds(random.draw(from: 0...700)))
          guard let session = connector.sessions.randomElement(using: &random) else { continue }
          if random.isOne(in: 3) {
            session.value.cut("cut")
          } else {
            session.value.drain("drained")
          }
        }
      }
    }

    /// Makes one call, cancelled when its time has come, and answers how it failed.
    private static func make(
      _ call: SimulatedCall,
      with client: Client,
      on loop: SimulatedLoop
    ) async -> (any Error)? {
      await withTaskGroup(of: (any Error)?.self) { group in
        group.addTask {
          do {
            try await call.make(with: client)
            return nil
          } catch {
            return error
          }
        }
        if let cancelAfter = call.cancelAfter {
          // Cut short when the call has ended.
          try? await loop.pause(for: cancelAfter)
          group.cancelAll()
        }
        return await group.next() ?? nil
      }
    }
  }

  @Test(
    "Every call ends once and truthfully, and nothing is left behind",
    arguments: UInt64(0)..<200
  )
  func run(seed: UInt64) throws {
    let world = try World(seed: seed)
    try world.run()
    let ended = world.ended.entries
    #expect(Set(ended.map(\.call.name)).count == 30)
    #expect(ended.count == 30)
    for end in ended { expectTruth(end, world) }
    #expect(world.handlers.begun.entries.count == world.handlers.ended.entries.count)
    world.loop.perform {
      for session in world.connector.sessions.map(\.value) {
        #expect(session.calls.isEmpty == true)
        #expect(session.handlersRunning == 0)
        #expect(session.undeliveredBytes == 0)
        #expect(session.phase == .closed)
      }
    }
  }

  /// What a call says of itself is what happened, as far as it says anything.
  private func expectTruth(_ end: Ended, _ world: World) {
    let times = world.handlers.committed.entries.count { $0 == end.call.name }
    let comment = Comment(
      rawValue: "\(end.call.kind) \(end.call.name): \(end.failure.map { "\($0)" } ?? "OK")"
    )
    #expect(!(end.failure is SimulatedCall.WrongAnswer), comment)
    if end.call.kind == .change { #expect(times <= 1, comment) }
    guard let failure = end.failure as? RPCFailure else {
      #expect(end.failure == nil || end.failure is CancellationError, comment)
      switch end.call.kind {
      case .read, .put, .change, .changeWithKey: #expect(times >= 1, comment)
      case .gather, .scatter, .echo: break
      }
      return
    }
    let isUnary = [.put, .change, .changeWithKey].contains(end.call.kind)
    if isUnary, !failure.isOutcomeUnknown { #expect(times == 0, comment) }
    let known: Set<StatusCode> = [
      .unavailable, .cancelled, .deadlineExceeded, .resourceExhausted, .aborted,
    ]
    #expect(known.contains(failure.code) || failure.isOutcomeUnknown, comment)
    for word in ["credit", "rise", "opened", "kind", "cannot be read"] {
      #expect(!failure.message.contains(word), comment)
    }
  }
}
