/// Something that is performed on one or several dates.
package struct Concert: Row {
  package let id: ConcertID
  package var name: String
  package var place: String
  package var runningMinutes: UInt32
  /// The gate that guards it; empty where anyone may book.
  package var gate: String
  package var holdMilliseconds: Int64
  /// Of one date; 0: no limit.
  package var seatsPerUserMax: UInt32
  /// Until when a paid seat can be given back; nil: never.
  package var cancelUntil: Instant?
  package let created: Instant
  package var updated: Instant
  package var deleted: Instant?

  package var key: ConcertID { id }
  /// Those that a gate guards; one that was moved to another gate since it was loaded is in both.
  package var group: String? { gate }

  package init(id: ConcertID, plan: ConcertPlan, holdMilliseconds: Int64, created: Instant) {
    self.id = id
    name = plan.name
    place = plan.place
    runningMinutes = plan.runningMinutes
    gate = plan.gate
    self.holdMilliseconds = holdMilliseconds
    seatsPerUserMax = plan.seatsPerUserMax
    cancelUntil = plan.cancelUntil
    self.created = created
    updated = created
  }
}

package typealias ConcertID = ID<Concert>

/// What an operator says of a concert.
package struct ConcertPlan: Sendable, Hashable {
  package var name: String
  package var place: String
  package var runningMinutes: UInt32
  package var gate: String
  /// 0: as the installation's rules say.
  package var holdMilliseconds: Int64
  package var seatsPerUserMax: UInt32
  package var cancelUntil: Instant?

  package init(
    name: String,
    place: String = "",
    runningMinutes: UInt32 = 0,
    gate: String = "",
    holdMilliseconds: Int64 = 0,
    seatsPerUserMax: UInt32 = 0,
    cancelUntil: Instant? = nil
  ) {
    self.name = name
    self.place = place
    self.runningMinutes = runningMinutes
    self.gate = gate
    self.holdMilliseconds = holdMilliseconds
    self.seatsPerUserMax = seatsPerUserMax
    self.cancelUntil = cancelUntil
  }
}

extension Concert: StoredRow {
  package static let shape = TableShape(
    "concerts",
    key: [("id", .id)],
    columns: [
      ("name", .text), ("place", .text), ("running_minutes", .integer), ("gate", .text),
      ("hold_ms", .integer), ("seats_per_user_max", .integer), ("cancel_until_ms", .integer),
      ("created_ms", .integer), ("updated_ms", .integer), ("deleted_ms", .integer),
    ],
    group: ["gate"]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    id = try columns.id()
    name = try columns.text()
    place = try columns.text()
    runningMinutes = try columns.count(of: Self.shape.name)
    gate = try columns.text()
    holdMilliseconds = try columns.integer()
    seatsPerUserMax = try columns.count(of: Self.shape.name)
    cancelUntil = try columns.optionalInstant()
    created = try columns.instant()
    updated = try columns.instant()
    deleted = try columns.optionalInstant()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.id(id)
    columns.text(name)
    columns.text(place)
    columns.integer(Int64(runningMinutes))
    columns.text(gate)
    columns.integer(holdMilliseconds)
    columns.integer(Int64(seatsPerUserMax))
    columns.instant(cancelUntil)
    columns.instant(created)
    columns.instant(updated)
    columns.instant(deleted)
  }

  package static func write(group: String, to columns: inout some ColumnWriter) {
    columns.text(group)
  }
}

extension WorkingSet {
  /// The concert, which has to be there.
  package mutating func livingConcert(_ id: ConcertID) throws(Interruption) -> Concert {
    guard let concert = try concerts.find(id), concert.deleted == nil else {
      throw .no(.concertNotFound, "there is no concert \(id)")
    }
    return concert
  }

  /// The date, which has to be there.
  package mutating func livingDate(_ id: DateID) throws(Interruption) -> ConcertDate {
    guard let date = try dates.find(id), date.deleted == nil else {
      throw .no(.dateNotFound, "there is no date \(id)")
    }
    return date
  }
}
