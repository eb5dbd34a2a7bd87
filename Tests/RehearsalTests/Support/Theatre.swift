import Access
import Domain
import Ledger
import RPCCore
import Rehearsal
import Scenarios
import ServicesSupport
import StoreSupport
import TestSupport

/// A whole server to rehearse against, on a loop whose clock goes as far as the rehearsal needs: what is
/// rehearsed twice with one seed is the same twice.
struct Theatre {
  /// The longest that a test may take of the loop's time.
  static let patience = Duration.seconds(600)
  /// As often as a server looks whether time has come for something.
  private static let beat = Duration.milliseconds(20)

  let house: House
  /// What connects to the server.
  let connector: any Connector

  /// A server that does with its calls and its log what `tampering` says.
  init(
    _ tampering: Tampering = Tampering(),
    connector make: (ServerCore, SimulatedLoop) -> any Connector = {
      InProcessConnector(to: $0, on: $1)
    }
  ) throws {
    house = try House()
    connector = make(try tampering.core(of: house.parts), house.loop)
  }

  var grounds: Grounds { Grounds(through: connector, on: house.loop) }

  var keys: Desk.Keys {
    Desk.Keys(operator: house.parts.operatorKey.text, app: house.parts.appKey.text)
  }

  func rehearsal(_ scenario: Scenario, seed: UInt64 = 1, connections: Int = 4) -> Rehearsal {
    Rehearsal(
      of: scenario,
      seed: seed,
      runName: "test",
      on: grounds,
      keys: keys,
      connections: connections
    )
  }

  /// Rehearses to the end.
  func rehearse(
    _ scenario: Scenario,
    seed: UInt64 = 1,
    connections: Int = 4
  ) throws -> Rehearsed {
    let rehearsal = rehearsal(scenario, seed: seed, connections: connections)
    return try finish(house.loop.start { try await rehearsal.run { _ in } })
  }

  /// Lets the clock run until what was started is through.
  func finish<Result: Sendable>(_ running: Running<Result>) throws -> Result {
    let clockwork = Clockwork(of: house)
    house.loop.perform { clockwork.begin() }
    defer { house.loop.perform { clockwork.stop() } }
    return try house.loop.finish(running, advancing: Self.patience)
  }

  /// Lets so much time pass, and then something happen.
  func pass(_ time: Duration, _ happening: () -> Void) {
    let clockwork = Clockwork(of: house)
    house.loop.perform { clockwork.begin() }
    defer { house.loop.perform { clockwork.stop() } }
    house.loop.advance(by: time)
    happening()
  }

  /// Lets the server's time go with the loop's, and has it do what has come due, as its keeper does.
  private final class Clockwork {
    private let house: House
    private var start = Moment(nanoseconds: 0)
    private var startMs: Int64 = 0
    private var lastTick: Int64 = 0
    private var next: (any ScheduledAction)?

    init(of house: House) { self.house = house }

    func begin() {
      start = house.loop.now
      startMs = house.now
      setNext()
    }

    func stop() { next?.cancel() }

    private func setNext() {
      next = house.loop.schedule(at: house.loop.now + Theatre.beat) { [self] in
        let passedMs = (house.loop.now.nanoseconds - start.nanoseconds) / 1_000_000
        house.database.clock = Instant(milliseconds: startMs + passedMs)
        let boards = house.parts.follower.boards
        boards.watch.ring(at: boards.time.now)
        let isLate = passedMs - lastTick >= 1_000 && boards.isAnythingAlive
        if boards.isDue() || isLate {
          house.parts.ledger.tick()
          lastTick = passedMs
        }
        setNext()
      }
    }
  }
}

extension Scenario {
  /// A small sale in which everything happens that can happen to anyone.
  static let small = {
    var small = Scenario(
      name: "small",
      model: .onsale,
      people: 80,
      arrivals: [.constant(perSecond: 40, for: .seconds(2))],
      timeLimit: .seconds(90)
    )
    small.sale.dates = 2
    small.sale.seatsPerDate = 20
    small.sale.insideMax = 8
    small.sale.rateCount = 4
    small.sale.rateInterval = .seconds(1)
    small.crowd.lostTabShare = .percent(20)
    small.crowd.reconnectShare = .percent(10)
    small.crowd.doubleSubmitSameKeyShare = .percent(20)
    small.crowd.doubleSubmitNewKeyShare = .percent(20)
    small.crowd.lapseShare = .percent(15)
    small.crowd.refundShare = .percent(20)
    return small
  }()

  /// A smaller one with seats for all, and nobody who does anything but buy.
  static let calm = {
    var calm = Scenario(
      name: "calm",
      model: .onsale,
      people: 12,
      arrivals: [.atOnce(nil)],
      timeLimit: .seconds(60)
    )
    calm.sale.dates = 1
    calm.crowd.noShowShare = .none
    calm.crowd.impatientShare = .none
    calm.crowd.lostTabShare = .none
    calm.crowd.reconnectShare = .none
    calm.crowd.doubleSubmitSameKeyShare = .none
    calm.crowd.doubleSubmitNewKeyShare = .none
    calm.crowd.lapseShare = .none
    return calm
  }()
}
