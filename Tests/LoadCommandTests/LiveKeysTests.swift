import Arguments
import LoadCommand
import Testing
import Threads
import UsherCommand

/// A terminal at which somebody presses a key when a line is shown that they wait for.
private final class Terminal: Sendable {
  private struct State {
    var shown: [String] = []
    var awaited: [(line: String, key: Character)]
  }

  private let state: Guarded<State>
  private let pressed: AsyncStream<[UInt8]>
  private let press: AsyncStream<[UInt8]>.Continuation
  private let saw: @Sendable (String) -> Void

  init(
    _ awaited: [(line: String, key: Character)],
    saw: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    state = Guarded(State(awaited: awaited))
    (pressed, press) = AsyncStream.makeStream()
    self.saw = saw
  }

  var shown: [String] { state.withLock { $0.shown } }

  func run(_ arguments: [String]) async -> ExitCode {
    let console = Console(
      remarksToTerminal: true,
      inputIsTerminal: true,
      answer: show,
      remark: show,
      input: { [pressed] in
        var keys = pressed.makeAsyncIterator()
        return await keys.next()
      }
    )
    return await LoadCommand(console: console, environment: [:]).run(arguments)
  }

  @Sendable private func show(_ line: String) {
    saw(line)
    let key = state.withLock { state -> Character? in
      state.shown.append(line)
      guard let next = state.awaited.first, line.contains(next.line) else { return nil }
      return state.awaited.removeFirst().key
    }
    if let key { press.yield(Array("\(key)".utf8)) }
  }
}

@Suite("What whoever looks on may press", .timeLimit(.minutes(5)))
struct LiveKeysTests {
  private static let calls = ["call", "Health/Check", "--callers", "2", "--time-limit", "1h"]

  @Test("q ends a run before its time, and what it came to is told")
  func stops() async throws {
    try await withSaleServer { _, place in
      let terminal = Terminal([("q stops", "q")])
      let code = await terminal.run(Self.calls + place.filter { $0 != "--quiet" })
      #expect(code == .interrupted)
      #expect(terminal.shown.contains { $0.hasPrefix("INTERRUPTED") })
    }
  }

  @Test("q before there is anything to tell ends as an interrupt does")
  func stopsEarly() async throws {
    try await withSaleServer { desk, place in
      let terminal = Terminal([("seed ", "q")])
      let meeting = ["--coordinator", "unix:\(desk.path("meeting"))"]
      let code = await terminal.run(["onsale"] + meeting + place.filter { $0 != "--quiet" })
      #expect(code == .interrupted)
      #expect(terminal.shown.contains { $0.contains("interrupted before there was anything") })
    }
  }

  @Test("r writes the report of what there is while the run goes on")
  func reports() async throws {
    try await withSaleServer { desk, place in
      let page = desk.path("report.html")
      let pages = Guarded<[String]>([])
      let terminal = Terminal([("r reports now", "r"), ("of what there is by now", "q")]) { line in
        guard line.contains("of what there is by now") else { return }
        // What cannot be read is no page, and seen to be none below.
        pages.withLock { $0.append((try? desk.read("report.html")) ?? "") }
      }
      let arguments = Self.calls + ["--html", page] + place.filter { $0 != "--quiet" }
      #expect(await terminal.run(arguments) == .interrupted)
      let shown = pages.withLock { $0 }
      #expect(shown.count == 1)
      #expect(shown.allSatisfy { $0.contains("UNDER WAY") && !$0.contains("INTERRUPTED") })
      let last = try desk.read("report.html")
      #expect(last.contains("INTERRUPTED"))
    }
  }

  @Test("Where no report is wanted, none is offered, and where it is quiet no key is heard")
  func offers() async throws {
    try await withSaleServer { _, place in
      let calls = [
        "call", "Health/Check", "--callers", "2", "--time-limit", "1200ms", "--warm-up", "0s",
      ]
      let without = Terminal([("at most", "r")])
      #expect(await without.run(calls + place.filter { $0 != "--quiet" }) != .interrupted)
      #expect(without.shown.contains { $0.contains("q stops") })
      #expect(!without.shown.contains { $0.contains("r reports now") })
      let quiet = Terminal([("", "q")])
      #expect(await quiet.run(calls + place) != .interrupted)
      #expect(quiet.shown.contains { $0.hasPrefix("latency of answers") })
    }
  }
}
