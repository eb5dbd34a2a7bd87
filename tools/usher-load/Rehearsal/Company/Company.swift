internal import Measuring
internal import RPCCore
internal import Scenarios
internal import Threads

/// Those who bring the crowd to a sale: this process, or several.
protocol Company: Sendable {
  /// Makes the people known to the server and connects, so that the doors can open.
  func gather(for sale: PreparedSale) async throws
  /// Lets the crowd in so long after now, and returns when the last is done or the time is over.
  func play(in lead: Duration) async throws
  /// What it came to so far.
  func results() async -> Results
  /// How many loops there are in all.
  var loops: Int { get }
  /// Ends what is left.
  func close() async
}

/// The crowd, or a part of it, from this process.
final class LocalCompany: Company {
  private struct State {
    var sale: PreparedSale?
    var stands: Stands?
    var ensemble: Ensemble?
  }

  private let scenario: Scenario
  private let seed: UInt64
  private let part: Part
  private let grounds: Grounds
  private let appKey: String
  private let connections: Int
  private let recordings: [String: RecordedArrivals]
  private let runName: String
  private let state = Guarded(State())

  init(
    of scenario: Scenario,
    seed: UInt64,
    part: Part,
    runName: String,
    on grounds: Grounds,
    appKey: String,
    connections: Int,
    recordings: [String: RecordedArrivals]
  ) {
    self.scenario = scenario
    self.seed = seed
    self.part = part
    self.runName = runName
    self.grounds = grounds
    self.appKey = appKey
    self.connections = connections
    self.recordings = recordings
  }

  var loops: Int { grounds.loops.count }

  func gather(for sale: PreparedSale) async throws {
    let client = Client(connector: grounds.connector)
    defer { client.close() }
    let desk = Desk(client, Desk.Keys(operator: "", app: appKey))
    let count = (scenario.people - part.index + part.count - 1) / part.count
    var sale = sale
    sale.users = try await desk.register(max(0, count)) { [part, runName] number in
      "\(runName) person \(number * part.count + part.index)"
    }
    let prepared = sale
    let stands = try await Stands(on: grounds, connections: connections)
    state.withLock { state in
      state.sale = prepared
      state.stands = stands
    }
  }

  func play(in lead: Duration) async throws {
    let (sale, stands) = state.withLock { ($0.sale, $0.stands) }
    guard let sale, let stands else { throw RehearsalFailure("nobody has gathered") }
    let start = grounds.loops[0].clockNow + lead
    let ensemble = await stands.ensemble(start: start, part: part) { stage, lines, part, done in
      Crowd(on: stage, self.plan(part, for: sale), lines: lines, done: done)
    }
    state.withLock { $0.ensemble = ensemble }
    await ensemble.play()
  }

  private func plan(_ part: Part, for sale: PreparedSale) -> Crowd.Plan {
    Crowd.Plan(
      scenario: scenario,
      seed: seed,
      sale: sale,
      parts: self.part.count,
      appKey: appKey,
      arrivals: scenario.schedule(seed: seed, recordings: recordings).part(part),
      counted: UInt64(clamping: scenario.warmUp.wholeNanoseconds),
      end: UInt64(clamping: scenario.timeLimit.wholeNanoseconds)
    )
  }

  func results() async -> Results {
    await state.withLock { $0.ensemble }?.results() ?? Results()
  }

  func close() async { state.withLock { $0.stands }?.close() }
}
