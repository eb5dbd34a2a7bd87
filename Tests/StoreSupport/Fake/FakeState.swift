package import Domain
package import Ledger

/// All that a database holds, as a value: whoever keeps a copy keeps that state.
///
/// Rows are kept as the columns they are written in, so that what a row's shape leaves out is lost
/// here as it would be in a real store.
package struct FakeState: Sendable {
  package var head = Head(
    epoch: 1,
    offset: 0,
    batch: 0,
    time: Instant(milliseconds: 0),
    hash: Head.firstHash
  )
  /// Events by their offset, which starts at 1.
  package var log: [[UInt8]] = []
  /// By their last offsets, in order.
  package var seals: [Seal] = []
  private var tables: [String: [Key: Values]] = [:]

  package typealias Key = [ColumnValue]
  package typealias Values = [ColumnValue]

  package init() {}

  // MARK: - Looking

  package func row<Element: StoredRow>(_ key: Element.Key) throws(StoreFailure) -> Element? {
    guard let values = tables[Element.shape.name]?[Element.columnValues(of: key)] else {
      return nil
    }
    return try Self.decoded(values)
  }

  /// The rows for which `isWanted` answers yes, in the order of their keys, or against it.
  package func rows<Element: StoredRow>(
    max: Int = .max,
    lastFirst: Bool = false,
    where isWanted: (Values) -> Bool
  ) throws(StoreFailure) -> [Element] {
    let found = (tables[Element.shape.name] ?? [:]).filter { isWanted($0.value) }
    let sorted = found.sorted { one, other in
      lastFirst
        ? other.key.lexicographicallyPrecedes(one.key)
        : one.key.lexicographicallyPrecedes(other.key)
    }
    var rows: [Element] = []
    for (_, values) in sorted.prefix(max) { rows.append(try Self.decoded(values)) }
    return rows
  }

  package func rows<Element: StoredRow>(
    groupOf group: Element.Group
  ) throws(StoreFailure) -> [Element] {
    let shape = Element.shape
    let places = shape.groupColumns.map(shape.place(of:))
    let filter = shape.groupFilter.map { (shape.place(of: $0.column), $0.values) }
    let wanted = Element.columnValues(ofGroup: group)
    return try rows { values in
      guard places.map({ values[$0] }) == wanted else { return false }
      guard let (place, allowed) = filter, case .integer(let value) = values[place] else {
        return true
      }
      return allowed.contains(value)
    }
  }

  package func rows<Element: StoredRow>(
    of queue: Element.Queue,
    from place: Int64,
    max: Int
  ) throws(StoreFailure) -> [Element] {
    guard let shape = Element.shape.queue else { return [] }
    let places = shape.columns.map(Element.shape.place(of:))
    let wanted = Element.columnValues(ofQueue: queue)
    let order = Element.shape.place(of: shape.place)
    let found = (tables[Element.shape.name] ?? [:])
      .filter { _, values in
        places.map { values[$0] } == wanted && values[order] >= .integer(place)
      }
      .sorted { one, other in
        one.value[order] == other.value[order]
          ? one.key.lexicographicallyPrecedes(other.key) : one.value[order] < other.value[order]
      }
    var rows: [Element] = []
    for (_, values) in found.prefix(max) { rows.append(try Self.decoded(values)) }
    return rows
  }

  private static func decoded<Element: StoredRow>(
    _ values: Values
  ) throws(StoreFailure) -> Element {
    var reader = ValueReader(values, of: Element.shape.name)
    do throws(DamagedRow) {
      return try Element(from: &reader)
    } catch {
      throw .lost("a row of \(error.table) cannot be read: \(error.problem)")
    }
  }

  // MARK: - Changing

  package mutating func put<Element: StoredRow>(_ row: Element) {
    let values = row.columnValues
    let shape = Element.shape
    precondition(
      values.map(\.kind) == shape.columns.map(\.kind),
      "a row of \(shape.name) does not write what its shape says"
    )
    let key = Element.columnValues(of: row.key)
    precondition(values.starts(with: key), "a row of \(shape.name) does not begin with its key")
    tables[shape.name, default: [:]][key] = values
  }

  package mutating func remove<Element: StoredRow>(_ key: Element.Key, of type: Element.Type) {
    tables[Element.shape.name]?[Element.columnValues(of: key)] = nil
  }

  package mutating func append(_ log: [[UInt8]], sealed seal: Seal?, upTo head: Head) {
    self.log += log
    if let seal { seals.append(seal) }
    precondition(UInt64(self.log.count) == head.offset, "the log has a gap or goes back")
    self.head = head
  }

  /// Forgets at most `max` records of idempotency keys, the oldest first.
  package mutating func forgetRepeats(
    before instant: Instant,
    max: Int
  ) throws(StoreFailure) {
    // Every batch asks for this, and has nearly always nothing to forget.
    let place = Repeat.shape.place(of: "created_ms")
    let old: [Repeat] = try rows { $0[place] < .integer(instant.milliseconds) }
      .sorted { $0.created < $1.created }
    for record in old.prefix(max) { remove(record.key, of: Repeat.self) }
  }

  // MARK: - Holds

  package func due(at now: Instant, max: Int) throws(StoreFailure) -> [Reservation.Key] {
    let pending: [Reservation] = try pendingReservations { $0.expires <= now }
    let sorted = pending.sorted {
      ($0.expires, $0.key.user, $0.key.id) < ($1.expires, $1.key.user, $1.key.id)
    }
    return sorted.prefix(max).map(\.key)
  }

  package mutating func giveBack(
    milliseconds: Int64,
    toWhatLivedAt instant: Instant
  ) throws(StoreFailure) -> GivenBack {
    let living = try pendingReservations { instant < $0.expires }
    for var reservation in living {
      reservation.expires = reservation.expires.after(milliseconds: milliseconds)
      put(reservation)
      let found: TakenSeat? = try row(reservation.seatKey)
      guard var seat = found, let until = seat.until,
        seat.reservationKey == reservation.key
      else { continue }
      seat.until = until.after(milliseconds: milliseconds)
      put(seat)
    }
    let tickets: [Ticket] = try rows { _ in true }
    let timed = tickets.filter { $0.until.map { instant < $0 } ?? false }
    for ticket in timed { put(ticket.later(by: milliseconds)) }
    return GivenBack(tickets: UInt64(timed.count), holds: UInt64(living.count))
  }

  private func pendingReservations(
    where isWanted: (Reservation) -> Bool
  ) throws(StoreFailure) -> [Reservation] {
    let place = Reservation.shape.place(of: "state")
    let pending: [Reservation] = try rows {
      $0[place] == .integer(Reservation.State.pending.rawValue)
    }
    return pending.filter(isWanted)
  }
}
