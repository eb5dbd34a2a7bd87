internal import Domain
internal import Ledger

extension Snapshot {
  /// Every row of a table that is known to be small.
  func all<Element: StoredRow>(
    _ type: Element.Type,
    pagesOf size: Int = 500
  ) throws(StoreFailure) -> [Element] {
    var all: [Element] = []
    while true {
      let page: [Element] = try page(after: all.last?.key, max: size)
      all += page
      if page.count < size { return all }
    }
  }
}
