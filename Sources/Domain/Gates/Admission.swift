/// When someone was admitted: what a rate is judged by. Kept for as long as any rate may look back.
package struct Admission: Row {
  package struct Key: Hashable, Sendable {
    package let gate: String
    /// Its number among the gate's admissions, from 1.
    package let number: UInt64

    package init(gate: String, number: UInt64) {
      self.gate = gate
      self.number = number
    }
  }

  package let key: Key
  package let at: Instant

  package init(key: Key, at: Instant) {
    self.key = key
    self.at = at
  }
}

extension Admission: StoredRow {
  package static let shape = TableShape(
    "admissions",
    key: [("gate", .text), ("number", .integer)],
    columns: [("at_ms", .integer)]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    key = Key(gate: try columns.gateName(of: Self.shape.name), number: try columns.number())
    at = try columns.instant()
  }

  package func write(to columns: inout some ColumnWriter) {
    Self.write(key, to: &columns)
    columns.instant(at)
  }

  package static func write(_ key: Key, to columns: inout some ColumnWriter) {
    columns.text(key.gate)
    columns.number(key.number)
  }
}
