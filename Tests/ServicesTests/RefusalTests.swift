import RPCCore
import ServicesSupport
import Testing
import UsherAPI
import Wire

@Suite("Every refusal, as callers hear it")
struct RefusalTests {
  /// Nothing cuts the log yet.
  private static let checkpointsLater: Set<Refusal> = [.offsetCut]

  @Test(
    "A refusal has its name, its status and a sentence that says of what",
    arguments: Provocation.all
  )
  func refusal(provocation: Provocation) throws {
    let answer = try provocation.provoke()
    let failure = try #require(answer.failure)
    #expect(failure.refusal == provocation.refusal.shortName)
    #expect(failure.code == provocation.refusal.statusCode)
    #expect(failure.isFromPeer)
    #expect(!failure.message.isEmpty)
    for name in answer.names {
      #expect(failure.message.contains(name), "\(failure.message)")
    }
  }

  @Test("Every refusal of the list is provoked here, or is known to come later")
  func complete() {
    let provoked = Set(Provocation.all.map(\.refusal))
    for refusal in Refusal.knownValues where refusal != .unspecified {
      let isKnown = provoked.contains(refusal) != Self.checkpointsLater.contains(refusal)
      #expect(isKnown, "\(refusal) is provoked by no test, or is both provoked and put off")
    }
  }

  @Test(
    "Who should come again is told when",
    arguments: [.overloaded, .storeFull, .storeDown] as [Refusal]
  )
  func retryAfter(refusal: Refusal) throws {
    for provocation in Provocation.all where provocation.refusal == refusal {
      let failure = try #require(try provocation.provoke().failure)
      let wait = try #require(failure.trailers[Metadata.Key.retryAfterMs].flatMap { Int($0) })
      #expect((1...30_000).contains(wait), "\(provocation.testDescription)")
    }
  }
}
