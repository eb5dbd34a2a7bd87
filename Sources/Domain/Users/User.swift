/// Someone who buys.
package struct User: Row {
  package let id: UserID
  package var name: String
  package let created: Instant
  package var updated: Instant
  package var deleted: Instant?

  package var key: UserID { id }

  package init(id: UserID, name: String, created: Instant) {
    self.id = id
    self.name = name
    self.created = created
    updated = created
  }
}

package typealias UserID = ID<User>

extension User: StoredRow {
  package static let shape = TableShape(
    "users",
    key: [("id", .id)],
    columns: [
      ("name", .text), ("created_ms", .integer), ("updated_ms", .integer),
      ("deleted_ms", .integer),
    ]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    id = try columns.id()
    name = try columns.text()
    created = try columns.instant()
    updated = try columns.instant()
    deleted = try columns.optionalInstant()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.id(id)
    columns.text(name)
    columns.instant(created)
    columns.instant(updated)
    columns.instant(deleted)
  }
}

extension WorkingSet {
  /// The user, who has to be there.
  package mutating func livingUser(_ id: UserID) throws(Interruption) -> User {
    guard let user = try users.find(id), user.deleted == nil else {
      throw .no(.userNotFound, "there is no user \(id)")
    }
    return user
  }
}
