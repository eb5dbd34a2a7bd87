/// A secret that tokens are signed with. Every instance reads the same ones from the store.
package struct SigningKey: Row {
  /// What tokens name it by.
  package let id: SigningKeyID
  package let secret: [UInt8]
  package let created: Instant
  /// It is published before it signs, so that every instance knows it by then.
  package let signsFrom: Instant

  package var key: SigningKeyID { id }

  package init(id: SigningKeyID, secret: [UInt8], created: Instant, signsFrom: Instant) {
    self.id = id
    self.secret = secret
    self.created = created
    self.signsFrom = signsFrom
  }
}

package typealias SigningKeyID = ID<SigningKey>

extension SigningKey: StoredRow {
  package static let shape = TableShape(
    "signing_keys",
    key: [("id", .id)],
    columns: [("secret", .bytes), ("created_ms", .integer), ("signs_from_ms", .integer)]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    id = try columns.id()
    secret = try columns.bytes()
    created = try columns.instant()
    signsFrom = try columns.instant()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.id(id)
    columns.bytes(secret)
    columns.instant(created)
    columns.instant(signsFrom)
  }
}
