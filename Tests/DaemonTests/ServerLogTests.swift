import Synchronization
import Testing
import Wire

@testable import Daemon
@testable import RPCCore

@Suite("The server's log") struct ServerLogTests {
  /// A cause that counts how often it was put into words.
  private final class Cause: Error, CustomStringConvertible {
    let asked = Atomic(0)
    var description: String {
      asked.add(1, ordering: .relaxed)
      return "cause"
    }
  }

  private func failed(_ method: String, cause: (any Error)? = nil) -> CallReport {
    CallReport(
      method: method,
      callID: 1,
      connectionID: 2,
      failure: RPCFailure(.internal, "it failed", cause: cause),
      duration: .zero
    )
  }

  /// What a log writes of `reports`, all in one second.
  private func lines(of reports: [CallReport]) -> [String] {
    let lines = Mutex<[String]>([])
    let log = ServerLog(monotonicNanoseconds: { 0 }) { line in lines.withLock { $0.append(line) } }
    for report in reports { log.callEnded(report) }
    return lines.withLock { $0 }
  }

  @Test("What a second has no room for is not put into words either")
  func flood() {
    let cause = Cause()
    let told = lines(of: (0..<1_000).map { _ in failed("/a.B/C", cause: cause) })
    #expect(told.count == 200)
    #expect(cause.asked.load(ordering: .relaxed) == 200)
  }

  @Test("What a caller names is one word, and does nothing to a terminal")
  func words() {
    let told = lines(of: [failed("/a status=OK\n\u{1b}[2J\u{9b}2J\"é")])
    #expect(
      told == ["event=failed method=/a?status=OK??[2J?2J?? status=INTERNAL connection=2 call=1"]
    )
  }
}
