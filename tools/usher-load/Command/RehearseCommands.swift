internal import Arguments
internal import Foundation
internal import RPCCore
internal import Rehearsal
internal import Reports
internal import Scenarios
internal import Transport
internal import UsherAPI
internal import UsherClient
internal import UsherCommand
internal import Wire

extension Order {
  static let onsale = Order(
    name: "onsale",
    summary:
      "Rehearses a whole sale: a crowd arrives, waits, chooses, pays, and the audit follows.",
    examples: [
      "usher-load onsale",
      "usher-load onsale --people 50000 --arrive '1000/s for 50s' --html report.html",
      "usher-load onsale --set sale.inside_max=400 --expect 'p99(hold)<50ms'",
    ],
    flags: LoadFlags.plan + LoadFlags.run + LoadFlags.company,
    notes: notes
  ) { try await $0.rehearse(.onsale) }

  static let poll = Order(
    name: "poll",
    summary: "Rehearses a long line: a crowd that waits, and asks how far it has come.",
    examples: ["usher-load poll", "usher-load poll --people 20000 --set crowd.watch_share=100%"],
    flags: LoadFlags.plan + LoadFlags.run + LoadFlags.company,
    notes: notes
  ) { try await $0.rehearse(.poll) }

  static let soak = Order(
    name: "soak",
    summary: "Rehearses a sale that goes on for hours.",
    examples: [
      "usher-load soak",
      "usher-load soak --arrive 'poisson 50/s for 8h' --people 1440000 --time-limit 9h",
    ],
    flags: LoadFlags.plan + LoadFlags.run + LoadFlags.company,
    notes: notes
  ) { try await $0.rehearse(.soak) }

  private static let notes = [
    "It makes a sale of its own on the server, named after the run: gate, concert, dates, people.",
    "Whatever happened is judged afterwards, by the server's own log and by what the people were told:",
    "one line for each promise, with the count of facts that it rests on. Ctrl-C ends a run early and",
    "judges what there was; once more leaves at once. Needs operator.key and app.key.",
    "Several processes share a run: one with --coordinator, the others with --worker. Workers are told",
    "the app key and the plan by whoever coordinates, unencrypted: let them meet where nobody listens.",
    "",
  ]
}

extension Settings {
  fileprivate func rehearse(_ model: Scenario.Model) async throws -> ExitCode {
    guard words.isEmpty else {
      throw UsageError("usher-load \(model.rawValue) does not know what to do with \"\(words[0])\"")
    }
    if flags.has("workers"), !flags.has("coordinator") {
      throw UsageError("--workers come to a --coordinator, and none was named")
    }
    if flags.has("worker") { return try await work() }
    var scenario = try scenario(model)
    try scenario.check()
    let loops = EventLoopGroup(count: try count("loops") ?? 1, name: "usher-load")
    defer { loops.stop() }
    let recordings = try recordings(of: scenario)
    let seed = scenario.seed ?? UInt64.random(in: 1...999_999_999)
    scenario.seed = seed
    var circumstances = circumstances
    // Enough that no connection has more calls open than servers allow.
    let usual = max(min(64, scenario.people), scenario.people / 400)
    let connections = try connections(orElse: usual)
    let rehearsal = Rehearsal(
      of: scenario,
      seed: seed,
      runName: String(circumstances.startedMs, radix: 36),
      on: Grounds(to: [address], on: loops),
      keys: Desk.Keys(operator: try keys.key(of: .operator), app: try keys.key(of: .app)),
      connections: connections,
      recordings: recordings
    )
    let isQuiet = flags.has("quiet") || flags.has("json")
    if !isQuiet { console.remark("seed \(seed)") }
    let workers = flags.has("coordinator") ? try count("workers") ?? 2 : nil
    circumstances.workers = workers ?? 1
    let view = view(of: scenario, seed: seed, circumstances)
    let rehearsed = try await view.during {
      guard let workers else { return try await rehearsal.run { view.show($0) } }
      return try await coordinate(rehearsal, workers, on: loops, isQuiet, view)
    }
    return try tell(RecordMaker(rehearsed, circumstances).record)
  }

  private func coordinate(
    _ rehearsal: Rehearsal,
    _ workers: Int,
    on loops: EventLoopGroup,
    _ isQuiet: Bool,
    _ view: LiveView
  ) async throws -> Rehearsed {
    guard rehearsal.scenario.recordedFiles.isEmpty else {
      throw UsageError("--coordinator: workers cannot read the file that people arrive by")
    }
    let remark = console.remark
    do {
      return try await rehearsal.run(
        coordinatingAt: try address(of: "coordinator"),
        workers: workers,
        on: loops,
        told: { if !isQuiet { remark($0) } },
        { view.show($0) }
      )
    } catch let failure as SocketFailure {
      throw UsageError("--coordinator: \(failure.description)", hint: failure.hint)
    }
  }

  private func work() async throws -> ExitCode {
    var mistakes = Mistakes()
    let own = LoadFlags.shared.map(\.name) + ["worker", "loops", "quiet"]
    for flag in flags.values.keys.filter({ !own.contains($0) }).sorted() {
      try mistakes.gather(in: flag) {
        throw UsageError("a worker's plan and report are its coordinator's")
      }
    }
    try mistakes.tell()
    let loops = EventLoopGroup(count: try count("loops") ?? 1, name: "usher-load")
    defer { loops.stop() }
    let remark = console.remark
    let isQuiet = flags.has("quiet")
    // Of its own, so that no word with the coordinator makes the crowd late.
    let loop = EventLoopGroup(count: 1, name: "coordination")
    defer { loop.stop() }
    let worker = WorkerRun(
      for: SocketConnector(to: [try address(of: "worker")], loops: loop),
      on: Grounds(to: [address], on: loops)
    )
    try await worker.run { if !isQuiet { remark($0) } }
    return .done
  }

  private func address(of flag: String) throws -> SocketAddress {
    do throws(SocketFailure) {
      return try SocketAddress(parsing: flags[flag] ?? "")
    } catch {
      throw UsageError("--\(flag): \(error.description)", hint: error.hint)
    }
  }

  /// What shows how a run goes.
  func view(
    of scenario: Scenario,
    seed: UInt64,
    _ circumstances: RecordMaker.Circumstances
  ) -> LiveView {
    let report = flags["html"].map { path in
      { @Sendable (rehearsed: Rehearsed) -> String in
        do {
          let record = RecordMaker(rehearsed, circumstances).record
          try write(Data(HTMLReport(record).html.utf8), to: path)
          return "report \(path), of what there is by now"
        } catch {
          return Complaint(about: error).message
        }
      }
    }
    let isQuiet = flags.has("quiet") || flags.has("json")
    return LiveView(of: scenario, seed: seed, on: console, isQuiet: isQuiet, report: report)
  }

  /// What is known before anything happens.
  var circumstances: RecordMaker.Circumstances {
    var circumstances = RecordMaker.Circumstances()
    circumstances.commandLine = commandLine
    circumstances.program = "usher-load \(Version.number)"
    circumstances.address = "\(address)"
    circumstances.machine = Machine.description
    circumstances.startedMs = Int64(Date().timeIntervalSince1970 * 1_000)
    return circumstances
  }

  /// As many connections as were asked for, or else so many, and no more than there can be.
  func connections(orElse usual: Int) throws -> Int {
    let most = max(1, Health.descriptorsMax - 64)
    if let count = try count("connections") {
      guard count <= most else {
        throw UsageError(
          "--connections \(count): this process may have \(most) at most",
          hint: "ulimit -n \(count + 64)"
        )
      }
      return count
    }
    return min(most, usual)
  }

  /// Writes what was asked for, and says what it came to.
  func tell(_ record: RunRecord) throws -> ExitCode {
    if flags.has("json") {
      console.answer(String(decoding: try record.json(), as: UTF8.self))
    } else {
      let width = console.answersToTerminal ? Machine.terminalWidth : 100
      for line in TextReport(record).lines(width: width) { console.answer(line) }
    }
    // What one file lacks is no reason to lose the others.
    var failure: (any Error)?
    func keep(_ flag: String, as what: String, _ write: (String) throws -> Void) {
      guard let path = flags[flag] else { return }
      do {
        try write(path)
        if !flags.has("json") { console.answer("\(what) \(path)") }
      } catch {
        failure = failure ?? error
      }
    }
    keep("result", as: "record") { try write(record.json(), to: $0) }
    keep("csv", as: "tables") { prefix in
      let report = CSVReport(record)
      try write(Data(report.steps.utf8), to: "\(prefix)-steps.csv")
      try write(Data(report.timeline.utf8), to: "\(prefix)-timeline.csv")
    }
    keep("html", as: "report") { path in
      let before = try flags["before"].map { path throws in try RunRecord.read(from: path) }
      try write(Data(HTMLReport(record, before: before).html.utf8), to: path)
    }
    if let failure { throw failure }
    return ExitCode(record.outcome)
  }

  private func write(_ data: Data, to path: String) throws {
    do {
      // A link stays one.
      try data.write(to: URL(fileURLWithPath: Self.file(path)), options: .atomic)
    } catch {
      throw Complaint("cannot write \(path): \(error.localizedDescription)", code: .failed)
    }
  }
}
