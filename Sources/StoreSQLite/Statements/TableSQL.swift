internal import Domain
internal import Ledger

/// The statements of one table, made from its shape.
struct TableSQL {
  let shape: TableShape

  private var names: String { shape.columns.map(\.name).joined(separator: ", ") }
  private var keyNames: [String] { shape.columns.prefix(shape.keyCount).map(\.name) }
  private var key: String { keyNames.joined(separator: ", ") }
  private var isKey: String { all(keyNames) }

  private func all(_ names: [String]) -> String {
    names.map { "\($0) = ?" }.joined(separator: " AND ")
  }

  private func marks(_ count: Int) -> String {
    Array(repeating: "?", count: count).joined(separator: ", ")
  }

  var byKey: String { "SELECT \(names) FROM \(shape.name) WHERE \(isKey)" }

  /// Nil where the table has no groups.
  var byGroup: String? {
    guard !shape.groupColumns.isEmpty else { return nil }
    var condition = all(shape.groupColumns)
    if let filter = shape.groupFilter { condition += " AND \(filter.sql)" }
    return "SELECT \(names) FROM \(shape.name) WHERE \(condition)"
  }

  /// The queue's columns, the first place and the limit; nil where the table has no queues.
  var byQueue: String? {
    guard let queue = shape.queue else { return nil }
    var condition = all(queue.columns)
    if let filter = queue.filter { condition += " AND \(filter.sql)" }
    return "SELECT \(names) FROM \(shape.name) WHERE \(condition) "
      + "AND \(queue.place) >= ? ORDER BY \(queue.place), \(key) LIMIT ?"
  }

  /// REPLACE looks for the key once where rows lie in the order of their keys; elsewhere it would move
  /// a row to the end.
  var put: String {
    let values = "INTO \(shape.name) (\(names)) VALUES (\(marks(shape.columns.count)))"
    guard Self.liesAsMade.contains(shape.name) else { return "INSERT OR REPLACE \(values)" }
    let changes = shape.columns.dropFirst(shape.keyCount).map { "\($0.name) = excluded.\($0.name)" }
    return "INSERT \(values) ON CONFLICT (\(key)) DO UPDATE SET "
      + changes.joined(separator: ", ")
  }

  /// The tables that have row numbers.
  private static let liesAsMade: Set = ["entries", "reservations", "payments", "payment_lines"]

  var remove: String { "DELETE FROM \(shape.name) WHERE \(isKey)" }

  var firstPage: String { "SELECT \(names) FROM \(shape.name) ORDER BY \(key) LIMIT ?" }

  var nextPage: String {
    "SELECT \(names) FROM \(shape.name) WHERE (\(key)) > (\(marks(shape.keyCount))) "
      + "ORDER BY \(key) LIMIT ?"
  }

  /// Of a table whose rows are someone's: owner and id are its key's first columns.
  func newest(beforeOne: Bool, stateColumn: String?) -> String {
    var condition = "\(keyNames[0]) = ?"
    if beforeOne { condition += " AND \(keyNames[1]) < ?" }
    if let stateColumn { condition += " AND \(stateColumn) = ?" }
    return "SELECT \(names) FROM \(shape.name) WHERE \(condition) "
      + "ORDER BY \(keyNames[1]) DESC LIMIT ?"
  }
}

extension TableShape.Filter {
  /// As it stands in the partial indexes that it is answered from, to the letter.
  fileprivate var sql: String {
    "\(column) IN (\(values.map(String.init).joined(separator: ", ")))"
  }
}

/// The statements that are no table's alone.
enum SpecialSQL {
  static let head = "SELECT epoch, log_offset, batch, time_ms, hash FROM head"
  static let moveHead =
    "UPDATE head SET epoch = ?, log_offset = ?, batch = ?, time_ms = ?, hash = ?"
  static let append = "INSERT INTO log (log_offset, body) VALUES (?, ?)"
  static let log = "SELECT body FROM log WHERE log_offset >= ? ORDER BY log_offset LIMIT ?"
  static let putSeal =
    "INSERT INTO seals (\(Seal.columns)) VALUES (?, ?, ?, ?, ?)"
  static let seal =
    "SELECT \(Seal.columns) FROM seals WHERE last_offset >= ? ORDER BY last_offset LIMIT 1"

  static let due =
    "SELECT user_id, id FROM reservations WHERE state = 1 AND expires_ms <= ? "
    + "ORDER BY expires_ms, rowid LIMIT ?"

  /// Parameters: milliseconds, instant. The seats come first: afterwards their holds have moved.
  static let giveBackSeats =
    "UPDATE taken_seats SET until_ms = \(later("until_ms")) "
    + "FROM (SELECT date_id, seat, id FROM reservations WHERE state = 1 AND expires_ms > ?2) "
    + "AS living WHERE taken_seats.date_id = living.date_id "
    + "AND taken_seats.number = living.seat AND reservation_id = living.id AND until_ms <> 0"
  static let giveBackHolds =
    "UPDATE reservations SET expires_ms = \(later("expires_ms")) "
    + "WHERE state = 1 AND expires_ms > ?2"

  /// A ticket that was never claimed has no session yet.
  static let giveBackTickets =
    "UPDATE tickets SET place = \(later("place")), "
    + "session_ends_ms = \(laterUnlessNever("session_ends_ms")), "
    + "session_max_ms = \(laterUnlessNever("session_max_ms")) "
    + "WHERE gate IN (SELECT name FROM gates WHERE house = 1) AND queue = 5 "
    + "AND queue IN (1, 2, 3, 4, 5) AND place > ?2"

  static let forgetRepeats =
    "DELETE FROM repeats WHERE (key, caller, method) IN "
    + "(SELECT key, caller, method FROM repeats WHERE created_ms < ? "
    + "ORDER BY created_ms LIMIT ?)"

  private static func laterUnlessNever(_ column: String) -> String {
    "CASE WHEN \(column) = 0 THEN 0 ELSE \(later(column)) END"
  }

  /// A sum that would leave the integers is their end.
  private static func later(_ column: String) -> String {
    "CASE WHEN ?1 > 0 AND \(column) > \(Int64.max) - ?1 THEN \(Int64.max) ELSE \(column) + ?1 END"
  }
}
