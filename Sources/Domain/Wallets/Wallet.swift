/// What a user has to spend, in whole minor units: never below 0, and always the sum of its entries.
package struct Wallet: Row {
  package let user: UserID
  package var balance: Int64

  package var key: UserID { user }

  package init(user: UserID, balance: Int64) {
    self.user = user
    self.balance = balance
  }
}

extension Wallet: StoredRow {
  package static let shape = TableShape(
    "wallets",
    key: [("user_id", .id)],
    columns: [("balance", .integer)]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    user = try columns.id()
    balance = try columns.integer()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.id(user)
    columns.integer(balance)
  }

  package static func write(_ key: UserID, to columns: inout some ColumnWriter) {
    columns.id(key)
  }
}
