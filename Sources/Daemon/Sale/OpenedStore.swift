internal import Domain
internal import Foundation
internal import Ledger
internal import StorePostgres
internal import StoreSQLite
internal import UsherAPI

/// A store that is open, and how it was found.
struct OpenedStore {
  let store: any Store
  let reader: any StoreReader
  /// Whether it was made just now: the word that exposes a wrong path at once.
  let isNew: Bool
  /// Whether other servers may write to it, too.
  let isShared: Bool

  /// Opens what the address names. Throws what a person can do something about.
  init(_ address: StoreAddress) async throws(StartFailure) {
    switch address {
    case .sqlite(let path):
      isShared = false
      isNew = !FileManager.default.fileExists(atPath: path)
      do throws(SQLiteOpenFailure) {
        var options = SQLiteStore.Options.defaults
        options.program = "usherd \(Version.number)"
        let store = try SQLiteStore(path: path, options, clock: Clocks.wall)
        self.store = store
        reader = store.reader()
      } catch {
        throw StartFailure(error)
      }
    case .postgres(let url):
      isShared = true
      do throws(StoreFailure) {
        let settings = PostgresSettings(url: url)
        store = try PostgresStore(settings)
        reader = PostgresReader(settings, readsMax: Self.readsMax)
        let head = try await reader.read { snapshot throws(StoreFailure) in snapshot.head }
        isNew = head.batch == 0
      } catch {
        throw StartFailure(error, opening: address)
      }
    }
  }

  /// Reads that a database serves at once.
  private static let readsMax = 4
}

/// Why the server did not start: what is so, what helps, and whether starting again can.
public struct StartFailure: Error, Sendable {
  let fact: String
  let detail: String?
  let hint: String?
  /// The data is another process's, or another version's: only a person can change that.
  let isTaken: Bool

  init(
    _ fact: String,
    detail: String? = nil,
    hint: String? = nil,
    isTaken: Bool = false
  ) {
    self.fact = fact
    self.detail = detail
    self.hint = hint
    self.isTaken = isTaken
  }

  init(_ failure: SQLiteOpenFailure) {
    let hint: String?
    switch failure {
    case .inUse: hint = "stop that process, or give this one another --data directory."
    case .newer: hint = "use the version that made it, or a later one."
    case .damaged: hint = "put a copy in its place; nothing in it was changed."
    case .foreign: hint = "give another --data directory, or another file with --store."
    case .unavailable: hint = "see that the directory is there and may be written."
    }
    let isTaken: Bool
    switch failure {
    case .inUse, .newer: isTaken = true
    case .damaged, .foreign, .unavailable: isTaken = false
    }
    var detail: String?
    if case .inUse(let holder?, _) = failure { detail = Self.describe(holder) }
    self.init("cannot open the store: \(failure)", detail: detail, hint: hint, isTaken: isTaken)
  }

  private static func describe(_ holder: LockHolder) -> String {
    let date = Date(timeIntervalSince1970: Double(holder.since.milliseconds) / 1_000)
    let day = date.formatted(.iso8601.year().month().day())
    let time = date.formatted(.iso8601.time(includingFractionalSeconds: false))
    let program = holder.program.isEmpty ? "" : " by \(holder.program)"
    return "lock held since \(day) \(time) UTC\(program)."
  }

  init(_ failure: StoreFailure, opening address: StoreAddress) {
    let (detail, hint) =
      switch failure {
      case .unreachable(let detail):
        (detail, "see that the database runs, and that it lets this user in.")
      case .lost(let detail): (detail, "use the version that last wrote to it, or a later one.")
      case .rolledBack(_, let detail), .outcomeUnknown(let detail):
        (detail, "see what the database's own log says.")
      }
    self.init("cannot open the store \(address): \(detail)", hint: hint)
  }
}
