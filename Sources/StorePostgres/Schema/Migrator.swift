internal import Domain
internal import Ledger

/// Brings a database's schema up to date. All steps that are missing happen in one transaction, and
/// no batch runs meanwhile.
struct Migrator {
  let migrations: [Migration]

  var newest: Int64 { migrations.last?.number ?? 0 }

  func run(on connection: PostgresConnection) throws(StoreFailure) {
    guard try number(on: connection) != newest else { return }
    do throws(ConnectionFailure) {
      // The head that later ones lock is not there yet the first time.
      try connection.run([
        Request(Statement(once: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")),
        Request(Statement(once: "SET LOCAL statement_timeout = 0")),
        Request(Statement(once: "SET LOCAL lock_timeout = '60s'")),
        Request(Statement(once: "SELECT pg_advisory_xact_lock(\(Self.lockNumber))")),
      ])
    } catch {
      throw error.rolledBack
    }
    var failure: StoreFailure?
    do throws(StoreFailure) {
      try runMissing(on: connection)
    } catch {
      failure = error
    }
    do throws(ConnectionFailure) {
      try connection.run([Request(Statement(once: failure == nil ? "COMMIT" : "ROLLBACK"))])
    } catch {
      throw failure ?? error.rolledBack
    }
    if let failure { throw failure }
  }

  /// A number that other programs in the same database are unlikely to lock: "usher".
  private static var lockNumber: Int64 { 0x75_73_68_65_72 }

  private func runMissing(on connection: PostgresConnection) throws(StoreFailure) {
    let before = try number(on: connection, locking: true)
    let missing = migrations.filter { $0.number > before }
    guard !missing.isEmpty else { return }
    var requests = missing.flatMap(\.statements).map { Request(Statement(once: $0)) }
    requests.append(Request(Statement(once: "UPDATE head SET schema = \(newest)")))
    do throws(ConnectionFailure) {
      try connection.run(requests)
    } catch {
      throw error.rolledBack
    }
  }

  /// The schema's number; 0 where there is none.
  private func number(
    on connection: PostgresConnection,
    locking: Bool = false
  ) throws(StoreFailure) -> Int64 {
    do {
      let found = try connection.run([
        Request(Statement(once: Self.headExists))
      ])
      var exists = found[0].columns(row: 0)
      guard try exists.integer() == 1 else { return 0 }
      let lock = locking ? " FOR UPDATE" : ""
      let heads = try connection.run([Request(Statement(once: "SELECT schema FROM head\(lock)"))])
      guard heads[0].rowCount == 1 else {
        throw StoreFailure.lost("the database has a table named head that is not Usher's")
      }
      var columns = heads[0].columns(row: 0)
      let number = try columns.integer()
      guard number <= newest else {
        throw StoreFailure.lost(Self.tooNew(number, newest))
      }
      return number
    } catch let failure as StoreFailure {
      throw failure
    } catch let failure as ConnectionFailure {
      throw failure.rolledBack
    } catch {
      throw StoreFailure.lost("the schema's number cannot be read: \(error)")
    }
  }

  /// Asks the catalogue itself: a look-up by name may answer from what the session remembers.
  private static let headExists = """
    SELECT count(*) FROM pg_class WHERE relname = 'head' AND pg_table_is_visible(oid)
    """

  static func tooNew(_ number: Int64, _ newest: Int64) -> String {
    "the database has schema \(number), and this program knows only those up to \(newest); "
      + "run a newer one"
  }
}
