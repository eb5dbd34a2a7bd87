import Foundation
import RPCCore
import Testing
import UsherAPI
import Wire

@Suite("How a refusal is told") struct RefusalFailureTests {
  /// Every value of the schema's enum with the number in brackets in its comment.
  private static func statuses() throws -> [String: UInt32] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Proto/usher/v1/refusal.proto")
    let line = /\s*(REFUSAL_\w+) = \d+;\s*\/\/ \[(\d+)\].*/
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .compactMap { try line.wholeMatch(in: $0) }
      .reduce(into: [:]) { $0[String($1.1)] = UInt32($1.2) }
  }

  @Test("Every refusal has the status code that the schema gives in brackets")
  func codes() throws {
    let statuses = try Self.statuses()
    let refusals = Refusal.knownValues.filter { $0 != .unspecified }
    #expect(statuses.count == refusals.count)
    for refusal in refusals {
      let name = try #require(refusal.protoName)
      #expect(refusal.statusCode.rawValue == statuses[name], "\(name)")
    }
  }

  @Test("A failure carries its status, the refusal's name, the sentence and when to ask again")
  func failure() {
    let failure = RPCFailure(.overloaded, "12 calls are waiting", retryAfterMilliseconds: 40)
    #expect(failure.code == .resourceExhausted)
    #expect(failure.message == "12 calls are waiting")
    #expect(failure.refusal == "OVERLOADED")
    #expect(failure.trailers[Metadata.Key.retryAfterMs] == "40")
    #expect(RPCFailure(.seatTaken, "").trailers[Metadata.Key.retryAfterMs] == nil)
    #expect(RPCFailure(.outcomeUnknown, "").isOutcomeUnknown)
  }
}
