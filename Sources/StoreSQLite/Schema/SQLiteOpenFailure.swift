package import Domain

/// Why a database file was not opened. The file is as it was.
package enum SQLiteOpenFailure: Error, Sendable, Hashable {
  /// Another process has it; nil where it did not say who it is.
  case inUse(by: LockHolder?, path: String)
  /// A newer program made it: its schema is `found`, and this one knows no more than `known`.
  case newer(found: Int64, known: Int64, path: String)
  /// It cannot be read, or is no database at all.
  case damaged(String, path: String)
  /// It is a database, and some other program's.
  case foreign(path: String)
  /// The system did not let it be opened.
  case unavailable(String, path: String)
}

extension SQLiteOpenFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inUse(let holder?, let path): "\(path) is in use by process \(holder.process)"
    case .inUse(nil, let path): "\(path) is in use by another process"
    case .newer(let found, let known, let path):
      "\(path) was made by a newer version: its schema is \(found), and this one knows \(known)"
    case .damaged(let problem, let path): "\(path) is damaged: \(problem)"
    case .foreign(let path): "\(path) is another program's database"
    case .unavailable(let problem, let path): "\(path) cannot be opened: \(problem)"
    }
  }
}

/// Who has a database.
package struct LockHolder: Sendable, Hashable {
  package let process: Int32
  /// What the process calls itself; empty where it did not say.
  package let program: String
  /// Since when, to the second.
  package let since: Instant
}
