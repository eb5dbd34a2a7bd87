/// One movement of a wallet.
package struct Entry: Row {
  package enum Kind: Int64, Sendable {
    case charge = 1
    case payment = 2
    case refund = 3
  }

  package let key: OwnedKey<Entry>
  package let kind: Kind
  /// Negative where it leaves the wallet.
  package let amount: Int64
  /// After it.
  package let balance: Int64
  package let description: String
  /// The payment or reservation that moved it.
  package let reference: ID<Made>?
  package let at: Instant

  package init(
    key: Key,
    kind: Kind,
    amount: Int64,
    balance: Int64,
    description: String,
    reference: ID<Made>?,
    at: Instant
  ) {
    self.key = key
    self.kind = kind
    self.amount = amount
    self.balance = balance
    self.description = description
    self.reference = reference
    self.at = at
  }
}

package typealias EntryID = ID<Entry>

extension Entry: StoredRow {
  package static let shape = TableShape(
    "entries",
    key: [("user_id", .id), ("id", .id)],
    columns: [
      ("kind", .integer), ("amount", .integer), ("balance", .integer), ("description", .text),
      ("reference", .id), ("at_ms", .integer),
    ]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    key = Key(user: try columns.id(), id: try columns.id())
    kind = try columns.state(of: Self.shape.name)
    amount = try columns.integer()
    balance = try columns.integer()
    description = try columns.text()
    reference = try columns.optionalID()
    at = try columns.instant()
  }

  package func write(to columns: inout some ColumnWriter) {
    Self.write(key, to: &columns)
    columns.integer(kind.rawValue)
    columns.integer(amount)
    columns.integer(balance)
    columns.text(description)
    columns.optionalID(reference)
    columns.instant(at)
  }
}

extension Entry: OwnedRow {
  package static var stateColumn: String? { nil }
}
