internal import Measuring
internal import RPCCore
package import Scenarios
internal import UsherAPI

/// A whole sale, rehearsed: made, opened to a crowd, followed, and judged.
package struct Rehearsal: Sendable {
  package let scenario: Scenario
  package let seed: UInt64
  /// What the sale is named after, so that one server sees many rehearsals.
  package let runName: String
  let grounds: Grounds
  let keys: Desk.Keys
  let connections: Int
  let recordings: [String: RecordedArrivals]

  package init(
    of scenario: Scenario,
    seed: UInt64,
    runName: String,
    on grounds: Grounds,
    keys: Desk.Keys,
    connections: Int,
    recordings: [String: RecordedArrivals] = [:]
  ) {
    self.scenario = scenario
    self.seed = seed
    self.runName = runName
    self.grounds = grounds
    self.keys = keys
    self.connections = connections
    self.recordings = recordings
  }

  /// How far it is.
  package enum Progress: Sendable {
    case making(String)
    case playing(Glance)
    case judging
  }

  /// Rehearses. `progress` is told how it goes, about twice a second while the crowd is there. Whoever
  /// cancels it gets what there is until then, judged.
  package func run(
    _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> Rehearsed {
    let company = LocalCompany(
      of: scenario,
      seed: seed,
      part: .whole,
      runName: runName,
      on: grounds,
      appKey: keys.app,
      connections: connections,
      recordings: recordings
    )
    return try await run(with: company, progress)
  }

  /// Rehearses with a crowd that `company` brings.
  func run(
    with company: some Company,
    _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> Rehearsed {
    let client = Client(connector: grounds.connector)
    defer { client.close() }
    let desk = Desk(client, keys)
    progress(.making("the sale"))
    let setup = SaleSetup(desk: desk, scenario: scenario, runName: runName)
    let sale = try await setup.prepare()
    progress(.making("\(scenario.people) people known to the server, \(connections) connections"))
    do {
      try await company.gather(for: sale)
      let rehearsed = try await play(company, sale, setup, desk, progress)
      await company.close()
      return rehearsed
    } catch {
      await company.close()
      throw error
    }
  }

  /// How long after all is ready the doors open.
  private static let lead = Duration.milliseconds(200)
  /// How long the last events may take to arrive.
  private static let lastEvents = Duration.seconds(5)

  private func play(
    _ company: some Company,
    _ sale: PreparedSale,
    _ setup: SaleSetup,
    _ desk: Desk,
    _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> Rehearsed {
    let loop = grounds.loops[0]
    let server = try await desk.operators.stats(StatsRequest(), options: desk.asOperator())
    let start = loop.clockNow + Self.lead
    let doorsMs = server.timeMs &+ Self.lead.wholeNanoseconds / 1_000_000
    try await setup.announceOpening(of: sale, doorsMs: doorsMs)
    let follower = LogFollower(sale, startMs: doorsMs, desk, on: loop)
    let observation = Observation(on: loop, start: start)
    // Unstructured: all of it goes on until the judging is done, also when the rehearsal is cancelled.
    let companions = Task(executorPreference: grounds.executor) {
      await withDiscardingTaskGroup { group in
        group.addTask { await follower.follow() }
        group.addTask { await observation.ask(desk) }
      }
    }
    defer { companions.cancel() }
    @Sendable func rehearsed(_ ending: Rehearsed.Ending) async -> Rehearsed {
      var rehearsed = Rehearsed(
        scenario,
        seed: seed,
        loops: company.loops,
        results: await company.results(),
        seconds: max(0, Double((loop.clockNow - start).wholeNanoseconds) / 1e9),
        ending: ending
      )
      rehearsed.server = server
      return rehearsed
    }
    // Unstructured for the same reason; it looks on for as long as there is a crowd.
    let looking = Task(executorPreference: grounds.executor) {
      while await loop.sleep(for: .milliseconds(500)) {
        progress(.playing(follower.glance(await rehearsed(.underWay), observation)))
      }
    }
    defer { looking.cancel() }
    try await company.play(in: Self.lead)
    looking.cancel()
    var outcome = await rehearsed(Task.isCancelled ? .interrupted : .itself)
    progress(.judging)
    let facts = outcome.results.facts
    // Unstructured: whoever interrupts a rehearsal still wants it judged.
    let judging = Task(executorPreference: grounds.executor) {
      let judged = await judge(facts, desk, follower)
      await setup.close(sale)
      return judged
    }
    let (log, judgements) = await judging.value
    outcome.sold = Rehearsed.Sold(sale: sale, log: log, judgements: judgements)
    outcome.observed(observation)
    return outcome
  }

  /// Judges every promise, or says why that cannot be.
  private func judge(
    _ facts: Facts,
    _ desk: Desk,
    _ follower: LogFollower
  ) async -> (SaleLog, Result<[Judgement], RehearsalFailure>) {
    do {
      let stats = try await desk.operators.stats(StatsRequest(), options: desk.asOperator())
      let wanted = max(stats.offset, facts.offsetMost)
      let loop = grounds.loops[0]
      let end = loop.clockNow + Self.lastEvents
      while follower.lastOffset < wanted, loop.clockNow < end {
        guard await loop.sleep(for: .milliseconds(10)) else { break }
      }
      let log = follower.log
      return (
        log, .success(try await ServerAudit(desk: desk, facts: facts, heard: log).judgements())
      )
    } catch let failure as RPCFailure {
      let why = RehearsalFailure("the server did not answer when it was to be judged: \(failure)")
      return (follower.log, .failure(why))
    } catch {
      return (follower.log, .failure(RehearsalFailure("\(error)")))
    }
  }
}
