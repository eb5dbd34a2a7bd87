import Ledger
import RPCCore
import ServicesSupport
import Testing
import UsherAPI
import Wire

@Suite("A server that has not read all that another on its store has committed")
struct LaggingTests {
  /// What someone is told there who shows that token.
  private func check(_ visitor: Visitor, at house: House) throws -> (Place?, RPCFailure?) {
    let guest = house.app(for: visitor.user, [(Metadata.Key.token, visitor.queueToken)])
    var place: Place?
    let failure = try house.failure {
      _ = try await guest.gates.check(.init())
    }
    if failure == nil { place = try house.run { try await guest.gates.check(.init()) } }
    return (place, failure)
  }

  private func expectAgain(_ failure: RPCFailure?) {
    #expect(failure?.code == .unavailable)
    #expect(failure?.refusal == "STORE_DOWN")
    #expect(failure?.trailers[Metadata.Key.retryAfterMs] == "10")
  }

  private func catchUp(_ house: House) throws {
    try house.run { _ = try await house.parts.follower.catchUp() }
  }

  @Test("Whoever shows a token of a gate, place or epoch that is new to it is asked to come again")
  func queueTokens() throws {
    let ahead = try House()
    let behind = try House(on: ahead.database, seed: 2)
    try ahead.setGate("west", .init(insideMax: 1))
    _ = try ahead.line(of: 1)
    let ada = try ahead.visitor()
    try ada.enter()
    expectAgain(try check(ada, at: behind).1)
    try catchUp(behind)
    #expect(try check(ada, at: behind).0?.ahead == 0)

    let bob = try ahead.visitor("Bob")
    try bob.enter()
    expectAgain(try check(bob, at: behind).1)
    try catchUp(behind)
    #expect(try check(bob, at: behind).0?.ahead == 1)

    try ahead.change { try await $0.newEpoch(.init(name: "west")) }
    try bob.enter()
    expectAgain(try check(bob, at: behind).1)
    try catchUp(behind)
    #expect(try check(bob, at: behind).0?.ahead == 1)
    #expect(try check(ada, at: behind).1?.refusal == "TOKEN_INVALID")
  }

  @Test("Whoever came in elsewhere and reads there is asked to come again, and then reads")
  func entryTokens() throws {
    let ahead = try House()
    try ahead.setGate("west", .init(insideMax: 1))
    let date = try ahead.guardedDate()
    let line = try ahead.line(of: 2)
    let behind = try House(on: ahead.database, seed: 2)
    try line[0].leave()
    try line[1].claim()
    let guest = behind.app(for: line[1].user, [(Metadata.Key.token, line[1].entryToken)])
    let seats = ListSeatsRequest(dateID: date.id)
    expectAgain(try behind.failure { try await guest.concerts.listSeats(seats) })
    try catchUp(behind)
    #expect(try behind.run { try await guest.concerts.listSeats(seats).seats.count } == 10)
    try line[1].leave()
    try catchUp(behind)
    #expect(
      try behind.failure { try await guest.concerts.listSeats(seats) }?.refusal == "TICKET_ENDED"
    )
  }

  @Test("A token of a place that was lost with a store is no token, once the log has gone on")
  func lostPlace() throws {
    // The same from the first key on, until one loses what came last.
    let lost = try House()
    let restored = try House()
    for house in [lost, restored] { try house.setGate("west", .init(insideMax: 1)) }
    _ = try lost.line(of: 1)
    let ada = try lost.visitor()
    try ada.enter()
    _ = try restored.line(of: 1)
    restored.pass(milliseconds: 1)
    try restored.setGate("west", .init(insideMax: 2))
    #expect(try check(ada, at: restored).1?.refusal == "TOKEN_INVALID")
  }
}
