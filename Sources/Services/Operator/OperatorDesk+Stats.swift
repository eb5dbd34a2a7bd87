package import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

/// What the server says of itself that no service knows.
package struct ServerFacts: Sendable {
  package let rules: Rules
  package let version: String
  /// The store's kind and place, without secrets.
  package let store: String
  /// Calls and connections as they are now.
  package let traffic: @Sendable () -> Traffic

  package init(
    rules: Rules,
    version: String,
    store: String,
    traffic: @escaping @Sendable () -> Traffic
  ) {
    self.rules = rules
    self.version = version
    self.store = store
    self.traffic = traffic
  }
}

/// How busy the server is.
package struct Traffic: Sendable, Hashable {
  package var callsTotal: UInt64 = 0
  package var failuresTotal: UInt64 = 0
  package var openConnections: UInt32 = 0
  package var openCalls: UInt32 = 0
  package var memoryBytes: UInt64 = 0

  package init() {}
}

extension OperatorDesk {
  package func stats(
    _ request: StatsRequest,
    context: CallContext
  ) async throws -> Reply<StatsResponse> {
    let report = counter.ledger.report
    let position = counter.boards.at
    let traffic = facts.traffic()
    return Reply(
      StatsResponse(
        version: facts.version,
        store: facts.store,
        epoch: position.epoch,
        offset: position.offset,
        timeMs: counter.boards.time.now.milliseconds,
        callsTotal: traffic.callsTotal,
        failuresTotal: traffic.failuresTotal,
        openConnections: traffic.openConnections,
        openCalls: traffic.openCalls,
        queueInside: UInt32(clamping: report.insideWaiting),
        queueDoor: UInt32(clamping: report.doorWaiting),
        batchSizeP50: UInt32(clamping: report.batchSizeMedian),
        batchSizeMax: UInt32(clamping: report.batchSizeMax),
        commitUsP50: UInt32(clamping: report.commitMicrosecondsMedian),
        commitUsP99: UInt32(clamping: report.commitMicroseconds99),
        memoryBytes: traffic.memoryBytes,
        gates: gates
      )
    )
  }
}
