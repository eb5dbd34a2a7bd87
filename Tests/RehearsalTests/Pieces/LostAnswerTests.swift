import RPCCore
@testable import Rehearsal
import Scenarios
import Testing
import Threads
import UsherAPI
import Wire

@Suite("Answers that are lost")
struct LostAnswerTests {
  /// What those are told who ask again, though it was done: none of it says that it was not.
  static let answers = [
    RPCFailure(.unavailable, "the answer was lost too"),
    RPCFailure(.tokenInvalid, "whoever you are"),
    RPCFailure(.internal, "something broke"),
  ]

  @Test("Who never learns whether a hold was made accuses nobody of it", arguments: 0..<3)
  func holds(answer: Int) throws {
    let keys = Guarded<Set<String>>([])
    var tampering = Tampering()
    tampering.answer(ReservationMethods.hold) {
      (request: HoldRequest, context, really) -> HoldResponse in
      let key = context.metadata[Metadata.Key.idempotencyKey] ?? ""
      guard keys.withLock({ $0.insert(key).inserted }) else { throw Self.answers[answer] }
      _ = try await really(request, context)
      throw RPCFailure(.unavailable, "the answer was lost")
    }
    let rehearsed = try Theatre(tampering).rehearse(.calm)
    let judgement = try #require(rehearsed.judgement("changes-untold"))
    #expect(judgement.isKept, "\(judgement.cases)")
    let holds = rehearsed.results.facts.unanswered.filter { $0.step == .hold }
    #expect(holds.count == Scenario.calm.people)
    #expect(judgement.facts == 2 * UInt64(Scenario.calm.people))
    #expect(rehearsed.results.facts.held.isEmpty)
  }
}
