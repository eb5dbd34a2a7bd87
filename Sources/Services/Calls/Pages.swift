internal import Domain
internal import Ledger
internal import RPCCore
internal import UsherAPI

/// A page of a list: how much, and where it goes on.
struct Page<Of>: Sendable {
  let size: Int
  /// The last one of the page before; nil on the first.
  let last: ID<Of>?

  /// What a request asks for. The token is the id of the last one that was shown.
  init(size: UInt32, token: String) throws {
    guard size <= Limit.pageMax else {
      throw invalid("page_size", "at most \(Limit.pageMax); 0 for \(Limit.pageDefault)")
    }
    self.size = size == 0 ? Limit.pageDefault : Int(size)
    guard !token.isEmpty else {
      last = nil
      return
    }
    guard let id = ID<Of>(token) else {
      throw invalid("page_token", "is not one that a list has given")
    }
    last = id
  }

  /// The rows of this page, and the token of the next; one row more was asked for than is shown.
  func cut<Row>(_ rows: [Row], id: (Row) -> ID<Of>) -> ([Row], next: String) {
    guard rows.count > size else { return (rows, "") }
    let shown = Array(rows.prefix(size))
    return (shown, shown.last.map { id($0).description } ?? "")
  }
}

extension Counter {
  /// A page of what a user has, newest first, as `show` shows each, and the token of the next.
  func list<Element: OwnedRow, Shown: Sendable>(
    _ page: Page<Element>,
    of user: UserID,
    state: Int64? = nil,
    _ context: CallContext,
    _ show: @Sendable @escaping (Element, any Snapshot) throws(StoreFailure) -> Shown
  ) async throws -> ([Shown], next: String) {
    let found: ([Shown], String)? = try await look(context) { snapshot throws(StoreFailure) in
      let rows: [Element] = try snapshot.newest(
        of: user,
        before: page.last,
        state: state,
        max: page.size + 1
      )
      if rows.isEmpty {
        // Whoever has something was registered; of who has nothing that is to be seen here.
        let owner: Domain.User? = try snapshot.row(user)
        guard owner != nil else { return nil }
      }
      let (part, next) = page.cut(rows, id: \.id)
      var shown: [Shown] = []
      for row in part { shown.append(try show(row, snapshot)) }
      return (shown, next)
    }
    guard let found else { throw RPCFailure(.userNotFound, "there is no user \(user)") }
    return found
  }
}
