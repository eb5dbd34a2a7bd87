/// One step of the database's schema, from the number before its own.
///
/// What was released once is never changed; a change to a table is a further step.
struct Migration {
  let number: Int64
  let sql: String

  /// All of them, in order, numbered from 1.
  static let all = [
    Migration(number: 1, sql: firstTables), Migration(number: 2, sql: gateTables),
  ]

  /// What a database stands at that this program has made.
  static var newest: Int64 { all[all.count - 1].number }
}
