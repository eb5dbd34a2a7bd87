/// The secret that the log's heads are signed with, so that people can prove what it said. It is made
/// with the first batch, and every instance reads the same one from the store.
package struct ReceiptKey: Row {
  /// How long the secret is: a seed of Ed25519.
  package static let secretBytes = 32

  /// The one that signs.
  package static let current: Int64 = 1

  package let number: Int64
  package let secret: [UInt8]
  package let created: Instant

  package var key: Int64 { number }

  package init(number: Int64, secret: [UInt8], created: Instant) {
    precondition(secret.count == Self.secretBytes, "a secret has \(Self.secretBytes) bytes")
    self.number = number
    self.secret = secret
    self.created = created
  }
}

extension ReceiptKey: StoredRow {
  package static let shape = TableShape(
    "receipt_keys",
    key: [("number", .integer)],
    columns: [("secret", .bytes), ("created_ms", .integer)]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    number = try columns.integer()
    secret = try columns.bytes()
    guard secret.count == Self.secretBytes else {
      throw DamagedRow(table: Self.shape.name, problem: "a secret has \(secret.count) bytes")
    }
    created = try columns.instant()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.integer(number)
    columns.bytes(secret)
    columns.instant(created)
  }

  package static func write(_ key: Int64, to columns: inout some ColumnWriter) {
    columns.integer(key)
  }
}
