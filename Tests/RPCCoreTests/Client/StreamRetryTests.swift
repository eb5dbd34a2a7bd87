import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Which streams a client opens again") struct StreamRetryTests {
  /// What came of reading a stream to its end.
  private func scatter(_ scripted: Scripted) -> Running<[UInt32]> {
    let stubs = scripted.calls
    return scripted.loop.start {
      var weights: [UInt32] = []
      for try await leaf in stubs.scatter(Lists()) { weights.append(leaf.weight) }
      return weights
    }
  }

  @Test("Responses that a server refused to give are asked for on a new connection")
  func behindGoAway() throws {
    let scripted = Scripted()
    let scatter = scatter(scripted)
    let first = try #require(scripted.connector.servers.first)
    first.send(.settings(Settings()), .goAway(0, .ok, "restarting"))
    let second = try #require(scripted.connector.servers.last)
    #expect(second !== first)
    #expect(try second.frames() == [.open(1, CallMethods.scatter, Lists())])
    second.send(.message(1, Leaf(weight: 7)), .close(1))
    #expect(try scripted.loop.finish(scatter) == [7])
  }

  @Test("Responses that may have begun are not asked for again")
  func taken() throws {
    let scripted = Scripted()
    let scatter = scatter(scripted)
    let first = try #require(scripted.connector.servers.first)
    first.send(.settings(Settings()), .message(1, Leaf(weight: 7)), .goAway(0, .ok, "restarting"))
    let failure = #expect(throws: RPCFailure.self) { try scripted.loop.finish(scatter) }
    #expect(failure?.code == .unavailable)
    #expect(scripted.connector.servers.count == 1)
  }

  @Test("Requests that were written to a refused call are not written again")
  func requests() throws {
    let scripted = Scripted()
    let stubs = scripted.calls
    let gather = scripted.loop.start {
      try await stubs.gather { try await $0.write(Leaf()) }
    }
    let first = try #require(scripted.connector.servers.first)
    first.send(.settings(Settings()), .goAway(0, .ok, "restarting"))
    let failure = #expect(throws: RPCFailure.self) { try scripted.loop.finish(gather) }
    #expect(failure?.code == .unavailable)
    #expect(scripted.connector.servers.count == 1)
  }
}
