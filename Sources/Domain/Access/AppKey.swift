/// An API key, of which only a digest is kept.
package struct AppKey: Row {
  package enum Role: Int64, Sendable {
    /// A trusted back end, which names the user it acts for.
    case app = 1
    /// Whoever runs the sale.
    case `operator` = 2
  }

  package let id: AppKeyID
  package let name: String
  package let role: Role
  /// SHA-256 of the key.
  package let digest: [UInt8]
  package let created: Instant
  package var revoked: Instant?

  package var key: AppKeyID { id }

  package init(id: AppKeyID, name: String, role: Role, digest: [UInt8], created: Instant) {
    self.id = id
    self.name = name
    self.role = role
    self.digest = digest
    self.created = created
  }
}

package typealias AppKeyID = ID<AppKey>

extension AppKey: StoredRow {
  package static let shape = TableShape(
    "app_keys",
    key: [("id", .id)],
    columns: [
      ("name", .text), ("role", .integer), ("digest", .bytes), ("created_ms", .integer),
      ("revoked_ms", .integer),
    ]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    id = try columns.id()
    name = try columns.text()
    role = try columns.state(of: Self.shape.name)
    digest = try columns.bytes()
    created = try columns.instant()
    revoked = try columns.optionalInstant()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.id(id)
    columns.text(name)
    columns.integer(role.rawValue)
    columns.bytes(digest)
    columns.instant(created)
    columns.instant(revoked)
  }
}
