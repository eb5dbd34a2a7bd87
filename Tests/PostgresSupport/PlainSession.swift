internal import CPostgres

/// A connection on which tests do as they please.
package final class PlainSession {
  /// What the server or libpq said.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  private let raw: OpaquePointer?

  package init(_ url: String) throws {
    raw = PQconnectdb(url)
    guard PQstatus(raw) == CONNECTION_OK else {
      throw Failure(description: String(cString: PQerrorMessage(raw)))
    }
  }

  deinit {
    PQfinish(raw)
  }

  /// Runs statements, and answers with the last one's rows; nulls are empty.
  @discardableResult
  package func run(_ sql: String) throws -> [[String]] {
    let result = PQexec(raw, sql)
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
      throw Failure(description: String(cString: PQerrorMessage(raw)))
    }
    return (0..<PQntuples(result)).map { row in
      (0..<PQnfields(result)).map { String(cString: PQgetvalue(result, row, $0)) }
    }
  }
}
