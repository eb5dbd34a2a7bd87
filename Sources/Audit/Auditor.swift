package import UsherAPI

/// Replays a log and says whether it, and the tables that should come of it, are right.
///
/// It knows the API and none of the server's code. It takes an export, and the log's events from the
/// first to the one that the export is as of.
package struct Auditor {
  private var replay = Replay()
  private var tables = ExportedTables()

  package init() {}

  /// The offset that the export is as of; nil before its first chunk.
  package var exportOffset: UInt64? { tables.position?.offset }

  /// Takes the next chunk of the export.
  package mutating func take(_ chunk: ExportChunk) throws(AuditFailure) {
    try tables.take(chunk)
  }

  /// Takes the next event of the log.
  package mutating func take(_ event: Event) {
    replay.take(event)
  }

  /// What comes of it all, one verdict for each check.
  package func verdicts() throws(AuditFailure) -> [Verdict] {
    try tables.checkAll()
    var comparison = Comparison(replay, tables)
    comparison.run()
    return comparison.findings.verdicts()
  }
}
