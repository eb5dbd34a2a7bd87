internal import Domain
internal import Ledger
internal import RPCCore

/// A page of a list: how much, and where it goes on.
struct Page<Of> {
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
