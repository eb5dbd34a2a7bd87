internal import Ledger
internal import RPCCore
internal import Services
internal import Synchronization
internal import Threads
internal import Wire

/// Where failures are told, once each: calls that failed with method, status, refusal and number; and
/// the store's, one line when it begins to fail in some way and one when it works again.
///
/// What is told in one second is bounded; what is left out is counted in a line of its own.
final class ServerLog: ServerEvents {
  private struct Second {
    var start: Int64 = 0
    var told = 0
    var leftOut = 0
  }

  /// How the store fails at present.
  private struct Spell {
    let kind: StoreFailure
    let start: Int64
    var count = 1
  }

  private static let linesPerSecondMax = 200

  private let write: @Sendable (String) -> Void
  private let monotonicNanoseconds: @Sendable () -> Int64
  private let second = Guarded(Second())
  private let spell = Guarded<Spell?>(nil)
  private let isFailing = Atomic(false)
  private let calls = Atomic<UInt64>(0)
  private let failures = Atomic<UInt64>(0)
  private let connections = Atomic<Int>(0)

  init(
    monotonicNanoseconds: @escaping @Sendable () -> Int64,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.monotonicNanoseconds = monotonicNanoseconds
    self.write = write
  }

  func connectionOpened(_ connectionID: UInt64) {
    connections.add(1, ordering: .relaxed)
  }

  func connectionClosed(_ connectionID: UInt64, reason: String?) {
    connections.subtract(1, ordering: .relaxed)
  }

  func callEnded(_ report: borrowing CallReport) {
    calls.add(1, ordering: .relaxed)
    guard let failure = report.failure else { return }
    failures.add(1, ordering: .relaxed)
    guard mayTell() else { return }
    let refusal = failure.refusal.map { " refusal=\($0)" } ?? ""
    let cause = failure.cause.map { " cause=\"\(Self.oneLine("\($0)"))\"" } ?? ""
    write(
      "event=failed method=\(Self.word(report.method)) status=\(failure.code)\(refusal) "
        + "connection=\(report.connectionID) call=\(report.callID)\(cause)"
    )
  }

  /// The store failed. Told where it did not fail in the same way just before.
  func storeFailed(_ failure: StoreFailure) {
    isFailing.store(true, ordering: .relaxed)
    let isNew = spell.withLock { spell in
      if spell?.kind == failure.kind {
        spell?.count += 1
        return false
      }
      spell = Spell(kind: failure.kind, start: monotonicNanoseconds())
      return true
    }
    if isNew, mayTell() { write("event=store_failed what=\"\(Self.oneLine("\(failure)"))\"") }
  }

  /// The store has committed something.
  func storeWorks() {
    // Said after every batch, and nearly always no news.
    guard isFailing.exchange(false, ordering: .relaxed) else { return }
    let over = spell.withLock { spell in
      defer { spell = nil }
      return spell
    }
    guard let over else { return }
    let milliseconds = (monotonicNanoseconds() - over.start) / 1_000_000
    if mayTell() { write("event=store_works after_ms=\(milliseconds) failures=\(over.count)") }
  }

  /// How much there was to do.
  var traffic: Traffic {
    var traffic = Traffic()
    traffic.callsTotal = calls.load(ordering: .relaxed)
    traffic.failuresTotal = failures.load(ordering: .relaxed)
    traffic.openConnections = UInt32(clamping: connections.load(ordering: .relaxed))
    traffic.memoryBytes = Memory.residentBytes
    return traffic
  }

  /// Whether there is room for a line. Asked before the line is made, which costs more than the call
  /// that it tells of: who fails in floods would have that done for nobody.
  private func mayTell() -> Bool {
    let now = monotonicNanoseconds() / 1_000_000_000
    let (isTold, leftOut) = second.withLock { second -> (Bool, Int) in
      var leftOut = 0
      if second.start != now {
        leftOut = second.leftOut
        second = Second(start: now)
      }
      second.told += 1
      guard second.told <= Self.linesPerSecondMax else {
        second.leftOut += 1
        return (false, leftOut)
      }
      return (true, leftOut)
    }
    if leftOut > 0 { write("event=failures_left_out count=\(leftOut)") }
    return isTold
  }

  /// What a peer named must look neither like a line or field of ours, nor do something to a
  /// terminal.
  private static func word(_ text: String) -> String {
    String(
      text.unicodeScalars.prefix(256).map { scalar in
        ("!"..."~").contains(scalar) && scalar != "\"" ? Character(scalar) : "?"
      }
    )
  }

  /// A cause has words of its own, and must not look like a line of ours.
  private static func oneLine(_ text: String) -> String {
    String(text.prefix(256).map { $0.isNewline || $0 == "\"" ? "?" : $0 })
  }
}

extension StoreFailure {
  /// The same without words.
  fileprivate var kind: StoreFailure {
    switch self {
    case .rolledBack(let cause, _): .rolledBack(cause, "")
    case .unreachable: .unreachable("")
    case .outcomeUnknown: .outcomeUnknown("")
    case .lost: .lost("")
    }
  }
}
