/// Money that was paid for seats.
package struct Payment: Row {
  package let key: OwnedKey<Payment>
  package let total: Int64
  package let paid: Instant
  package var updated: Instant

  package init(key: Key, total: Int64, paid: Instant) {
    self.key = key
    self.total = total
    self.paid = paid
    updated = paid
  }
}

package typealias PaymentID = ID<Payment>

extension Payment: StoredRow {
  package static let shape = TableShape(
    "payments",
    key: [("user_id", .id), ("id", .id)],
    columns: [("total", .integer), ("paid_ms", .integer), ("updated_ms", .integer)]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    key = Key(user: try columns.id(), id: try columns.id())
    total = try columns.integer()
    paid = try columns.instant()
    updated = try columns.instant()
  }

  package func write(to columns: inout some ColumnWriter) {
    Self.write(key, to: &columns)
    columns.integer(total)
    columns.instant(paid)
    columns.instant(updated)
  }
}

extension Payment: OwnedRow {
  package static var stateColumn: String? { nil }
}
