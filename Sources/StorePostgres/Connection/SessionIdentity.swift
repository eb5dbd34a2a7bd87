internal import Domain

/// What a session can be found by from another, and the server that it is on.
struct SessionIdentity {
  let process: Int64
  /// When it began, as the server writes it: process numbers are used again.
  let start: String
  /// The database cluster and its line of history: another after a fail-over.
  let server: String

  init(of connection: PostgresConnection) throws(ConnectionFailure) {
    let results = try connection.run([Request(.identity)])
    do throws(DamagedRow) {
      guard results[0].rowCount == 1 else {
        throw DamagedRow(table: "an answer", problem: "the session does not find itself")
      }
      var columns = results[0].columns(row: 0)
      process = try columns.integer()
      start = try columns.text()
      server = try columns.text()
    } catch {
      throw .lost(error.problem)
    }
  }
}
