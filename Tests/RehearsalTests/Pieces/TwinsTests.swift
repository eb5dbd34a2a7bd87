import RPCCore
@testable import Rehearsal
import Scenarios
import Testing
import Threads
import UsherAPI
import Wire

@Suite("Two payments of the same at once")
struct TwinsTests {
  private static func paid(_ id: String) -> Result<PayResponse, RPCFailure> {
    .success(PayResponse(payment: Payment(id: id)))
  }

  private static let lost: Result<PayResponse, RPCFailure> = .failure(
    RPCFailure(.unavailable, "the connection was lost")
  )

  private static func twins(
    _ keys: [String],
    _ results: Result<PayResponse, RPCFailure>...
  ) -> Twins {
    var twins = Twins(under: keys)
    for (key, result) in zip(keys, results) { twins.ended(key, result) }
    return twins
  }

  @Test("Whether two answers agree is judged where both say something of their keys")
  func judged() {
    func trial(
      _ keys: [String],
      _ one: Result<PayResponse, RPCFailure>,
      _ other: Result<PayResponse, RPCFailure>
    ) -> String {
      var trial = Facts.Trial()
      Self.twins(keys, one, other).judge(for: "u", in: &trial)
      return trial.cases.first ?? (trial.count == 0 ? "not tried" : "kept")
    }
    let same = ["k", "k"]
    #expect(trial(same, Self.paid("p"), Self.paid("p")) == "kept")
    #expect(trial(same, Self.paid("p"), Self.paid("q")) == "one key was answered with p and q")
    #expect(trial(same, Self.paid("p"), Self.lost) == "not tried")
    #expect(trial(same, Self.lost, Self.lost) == "not tried")
    let two = ["k", "l"]
    #expect(trial(two, Self.paid("p"), Self.lost) == "kept")
    #expect(
      trial(two, Self.paid("p"), Self.paid("q")) == "u paid for the same twice: [\"p\", \"q\"]"
    )
    #expect(trial(two, Self.paid("p"), Self.paid("p")) == "u paid for the same twice: [\"p\"]")
    #expect(trial(two, Self.lost, Self.lost) == "not tried")
  }

  @Test("Each key whose answer was lost is asked about once, until it is known that it was paid")
  func unanswered() {
    func keys(_ twins: Twins) -> [String] {
      var twins = twins
      var keys: [String] = []
      while let key = twins.takeUnanswered() { keys.append(key) }
      return keys
    }
    let refused: Result<PayResponse, RPCFailure> = .failure(RPCFailure(.holdExpired, "too late"))
    #expect(keys(Self.twins(["k", "l"], Self.lost, Self.lost)) == ["k", "l"])
    #expect(keys(Self.twins(["k", "k"], Self.lost, Self.lost)) == ["k"])
    #expect(keys(Self.twins(["k", "l"], refused, Self.lost)) == ["l"])
    #expect(keys(Self.twins(["k", "l"], Self.lost, refused)) == ["k"])
    #expect(keys(Self.twins(["k", "l"], refused, refused)) == [])
    #expect(keys(Self.twins(["k", "l"], Self.lost, Self.paid("p"))) == [])
  }

  /// Everyone pays twice at once, and both answers are lost.
  private func rehearse(
    _ change: (inout CrowdPlan) -> Void,
    isDone: @escaping @Sendable (_ isFirst: Bool) -> Bool
  ) throws -> (keys: [[String]: Set<String>], results: Results, broken: [Judgement]) {
    struct Seen {
      var keys: [[String]: Set<String>] = [:]
      var tries: [[String]: Int] = [:]
    }
    let seen = Guarded(Seen())
    var tampering = Tampering()
    tampering.answer(PaymentMethods.pay) {
      (request: PayRequest, context, really) -> PayResponse in
      let key = context.metadata[Metadata.Key.idempotencyKey] ?? ""
      let tries = seen.withLock { seen in
        seen.keys[request.reservationIDs, default: []].insert(key)
        seen.tries[request.reservationIDs, default: 0] += 1
        return seen.tries[request.reservationIDs] ?? 0
      }
      guard tries <= 2 else { return try await really(request, context) }
      if isDone(tries == 1) { _ = try await really(request, context) }
      throw RPCFailure(.unavailable, "the answer was lost")
    }
    var scenario = Scenario.calm
    change(&scenario.crowd)
    let rehearsed = try Theatre(tampering).rehearse(scenario)
    let broken = try #require(rehearsed.judgements).filter { !$0.isKept }
    return (seen.withLock { $0.keys }, rehearsed.results, broken)
  }

  @Test(
    "Whoever was answered under neither of two keys asks again under those, whichever was paid",
    arguments: [true, false]
  )
  func newKeys(isFirstDone: Bool) throws {
    let (keys, results, broken) = try rehearse {
      $0.doubleSubmitNewKeyShare = .percent(100)
    } isDone: {
      $0 == isFirstDone
    }
    #expect(keys.count == Scenario.calm.people)
    #expect(keys.values.allSatisfy { $0.count == 2 }, "\(keys)")
    #expect(results.counts.ends == ["bought": UInt64(Scenario.calm.people)])
    #expect(broken.isEmpty, "\(broken)")
  }

  @Test("Whoever was not answered under one key asks again under it")
  func sameKey() throws {
    let (keys, results, broken) = try rehearse {
      $0.doubleSubmitSameKeyShare = .percent(100)
    } isDone: { _ in
      true
    }
    #expect(keys.count == Scenario.calm.people)
    #expect(keys.values.allSatisfy { $0.count == 1 }, "\(keys)")
    #expect(results.counts.ends == ["bought": UInt64(Scenario.calm.people)])
    #expect(broken.isEmpty, "\(broken)")
  }
}
