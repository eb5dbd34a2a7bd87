import Fixtures
@testable import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Waiting before the next try") struct BackoffTests {
  @Test("The wait doubles up to the longest, is drawn from its second half, and begins anew")
  func doubles() {
    for (jitter, share) in [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)] {
      var backoff = Backoff(min: .milliseconds(100), max: .seconds(1))
      let waits = (0..<6).map { _ in backoff.failed(jitter: jitter) }
      #expect(waits == [100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) * share })
      backoff.succeeded()
      #expect(backoff.failed(jitter: jitter) == .milliseconds(100) * share)
    }
  }

  @Test("However often it failed, the wait is the longest")
  func saturates() {
    var backoff = Backoff(min: .milliseconds(100), max: .seconds(10))
    for _ in 0..<200 { _ = backoff.failed(jitter: 1) }
    #expect(backoff.failed(jitter: 1) == .seconds(10))
  }
}

@Suite("The budget of retries") struct RetryBudgetTests {
  private static let notRun = AttemptFailure(RPCFailure(.unavailable, ""), .no)

  @Test("A first call has one retry, ten calls earn another, and ten may be saved")
  func earns() {
    var budget = RetryBudget(callsPerRetry: 10)
    func retry() -> RetryBudget.OnFailure {
      budget.failed(Self.notRun, method: CallMethods.default, carriesKey: false)
    }
    #expect(retry() == .retry)
    #expect(retry() == .giveUp)
    for _ in 0..<9 { budget.callMade() }
    #expect(retry() == .giveUp)
    budget.callMade()
    #expect(retry() == .retry)
    for _ in 0..<1_000 { budget.callMade() }
    #expect((0..<11).map { _ in retry() } == .init(repeating: .retry, count: 10) + [.giveUp])
  }

  @Test("A failure that is not safe to repeat costs nothing")
  func unsafeIsFree() {
    var budget = RetryBudget(callsPerRetry: 10)
    let failure = AttemptFailure(.outcomeUnknown(""), .unknown)
    #expect(budget.failed(failure, method: CallMethods.default, carriesKey: false) == .giveUp)
    #expect(budget.failed(failure, method: CallMethods.default, carriesKey: true) == .retry)
  }
}

@Suite("Which connection takes a call") struct PoolMachineTests {
  private static let start = Moment(nanoseconds: 0)
  private static let backoff = Backoff(min: .milliseconds(100), max: .seconds(10))

  private struct Model {
    enum Slot: Equatable { case idle, connecting, ready, resting }
    var slots: [Slot]
    var open: [Int]
    var limits: [Int]
  }

  @Test("Whatever happens, calls go to the least loaded that has room", arguments: 0..<100)
  func leastLoaded(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let count = random.draw(from: 1...4)
    var machine = PoolMachine(slots: count, backoff: Self.backoff)
    var model = Model(
      slots: .init(repeating: .idle, count: count),
      open: .init(repeating: 0, count: count),
      limits: .init(repeating: 100, count: count)
    )
    var now = Self.start
    for _ in 0..<600 {
      let slot = random.draw(from: 0..<count)
      switch random.draw(from: 0..<8) {
      case 0...3:
        let best = (0..<count).filter {
          model.slots[$0] == .ready && model.open[$0] < model.limits[$0]
        }
        .min { model.open[$0] < model.open[$1] }
        let (picked, connect) = machine.pick(at: now)
        #expect(Set(connect).isSuperset(of: (0..<count).filter { model.slots[$0] == .idle }))
        #expect(connect.allSatisfy { [.idle, .resting].contains(model.slots[$0]) })
        for slot in connect { model.slots[slot] = .connecting }
        if let best {
          #expect(picked == .use(best))
          model.open[best] += 1
        } else if model.slots.contains(.connecting) || model.slots.contains(.ready) {
          #expect(picked == .wait)
        } else {
          #expect(picked == .fail("down"))
        }
      case 4 where model.slots[slot] == .connecting:
        let limit = random.draw(from: 1...5)
        machine.connected(slot, openCallsMax: 100)
        machine.settings(slot, openCallsMax: limit)
        (model.slots[slot], model.open[slot], model.limits[slot]) = (.ready, 0, limit)
      case 5 where model.slots[slot] == .connecting:
        machine.failed(slot, why: "down", at: now, jitter: 0.5)
        model.slots[slot] = .resting
      case 6 where model.slots[slot] == .ready && model.open[slot] > 0:
        machine.callEnded(slot)
        model.open[slot] -= 1
      case 7 where model.slots[slot] == .ready:
        machine.left(slot)
        model.slots[slot] = .idle
      default: now = now + .milliseconds(random.draw(from: 0..<200))
      }
    }
  }

  @Test("A slot that failed rests, and another call connects it when its rest is over")
  func rests() {
    var machine = PoolMachine(slots: 1, backoff: Self.backoff)
    #expect(machine.pick(at: Self.start).connect == [0])
    machine.failed(0, why: "refused", at: Self.start, jitter: 1)
    #expect(machine.pick(at: Self.start + .milliseconds(99)).0 == .fail("refused"))
    let (picked, connect) = machine.pick(at: Self.start + .milliseconds(100))
    #expect(picked == .wait)
    #expect(connect == [0])
  }

  @Test("The wait begins anew only when a server has said something")
  func succeeds() {
    var machine = PoolMachine(slots: 1, backoff: Self.backoff)
    for (at, wait) in [(0, 100), (1_000, 200), (2_000, 400)] {
      let now = Self.start + .milliseconds(at)
      #expect(machine.pick(at: now).connect == [0])
      machine.connected(0, openCallsMax: 100)
      machine.failed(0, why: "closed at once", at: now, jitter: 1)
      #expect(machine.pick(at: now + .milliseconds(wait - 1)).connect.isEmpty)
    }
    #expect(machine.pick(at: Self.start + .seconds(9)).connect == [0])
    machine.connected(0, openCallsMax: 100)
    machine.settings(0, openCallsMax: 5)
    machine.failed(0, why: "lost", at: Self.start + .seconds(9), jitter: 1)
    #expect(machine.pick(at: Self.start + .milliseconds(9_100)).connect == [0])
  }

  @Test("A closed pool has nothing to wait for and connects nothing")
  func closed() {
    var machine = PoolMachine(slots: 2, backoff: Self.backoff)
    _ = machine.pick(at: Self.start)
    machine.close()
    machine.connected(0, openCallsMax: 5)
    machine.failed(1, why: "late", at: Self.start, jitter: 0)
    let (picked, connect) = machine.pick(at: Self.start + .seconds(100))
    #expect(picked == .fail("the client is closed"))
    #expect(connect.isEmpty)
  }
}

@Suite("Failures") struct RPCFailureTests {
  private struct Told: RPCFailureConvertible {
    var rpcFailure: RPCFailure { RPCFailure(.notFound, "told") }
  }

  private struct Odd: Error {}

  @Test("An error is told as it says, and not shown where it does not say")
  func telling() {
    #expect(RPCFailure(telling: RPCFailure(.aborted, "a")).description == "ABORTED: a")
    #expect(RPCFailure(telling: Told()).description == "NOT_FOUND: told")
    #expect(RPCFailure(telling: CancellationError()).code == .cancelled)
    let odd = RPCFailure(telling: Odd())
    #expect(odd.description == "UNKNOWN: the handler failed")
    #expect(odd.cause is Odd)
  }

  @Test("An unknown outcome is UNKNOWN with its refusal, and nothing else is")
  func outcomeUnknown() throws {
    let unknown = RPCFailure.outcomeUnknown("lost")
    #expect(unknown.isOutcomeUnknown)
    #expect(unknown.description == "UNKNOWN OUTCOME_UNKNOWN: lost")
    #expect(!RPCFailure(.unknown, "").isOutcomeUnknown)
    #expect(!RPCFailure(.aborted, "", trailers: unknown.trailers).isOutcomeUnknown)
    #expect(RPCFailure(.aborted, "").refusal == nil)
  }

  @Test("What cannot be decoded is the caller's fault, but for what costs too much")
  func decoding() {
    #expect(RPCFailure(DecodeFailure.malformed).code == .invalidArgument)
    #expect(RPCFailure(DecodeFailure.invalidText(field: "x")).code == .invalidArgument)
    #expect(RPCFailure(DecodeFailure.overBudget).code == .resourceExhausted)
    let codes = [MetadataFault.invalidKey, .invalidValue, .tooManyEntries, .tooManyBytes]
      .map { RPCFailure($0).code }
    #expect(codes == [.invalidArgument, .invalidArgument, .resourceExhausted, .resourceExhausted])
  }

  @Test(
    "A trace is read from a traceparent, and from nothing else",
    arguments: [
      (
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0af7651916cd43dd8448eb211c80319c"
      ),
      ("00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", nil),
      ("00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01", nil),
      ("0af7651916cd43dd8448eb211c80319c", nil), ("", nil), ("---", nil),
    ] as [(String, String?)]
  )
  func trace(parent: String, trace: String?) throws {
    let metadata = try Metadata.of([(Metadata.Key.traceParent, parent)])
    #expect(CallContext(method: CallMethods.put, metadata: metadata).traceID == trace)
  }
}
