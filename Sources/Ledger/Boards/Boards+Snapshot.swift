package import Domain

extension Boards {
  /// Boards as of one state of the store. `monotonicNanoseconds` is the clock that time is told by
  /// between batches, and `storeNow` the store's time at this moment.
  package static func load(
    from reader: any StoreReader,
    storeNow: Instant,
    monotonicNanoseconds: @escaping @Sendable () -> Int64,
    encode: @escaping @Sendable ([SeatView]) -> [UInt8],
    aside: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) async throws(StoreFailure) -> Boards {
    try await reader.read { snapshot throws(StoreFailure) in
      let reading = StoreTime.Reading(
        store: max(storeNow, snapshot.head.time),
        monotonicNanoseconds: monotonicNanoseconds()
      )
      let boards = Boards(
        time: StoreTime(reading, monotonicNanoseconds: monotonicNanoseconds),
        position: Position(
          epoch: snapshot.head.epoch,
          offset: snapshot.head.offset,
          time: snapshot.head.time
        ),
        encode: encode,
        aside: aside
      )
      try snapshot.all { (concert: Concert) in boards.put(concert) }
      try snapshot.all { (date: ConcertDate) in boards.put(date) }
      try snapshot.all { (seat: TakenSeat) in boards.put(seat) }
      try boards.loadGates(from: snapshot)
      return boards
    }
  }
}

extension Snapshot {
  /// Shows every row of a table to `body`, in the order of their keys.
  package func all<Element: StoredRow>(
    _ body: (Element) -> Void
  ) throws(StoreFailure) {
    var last: Element.Key?
    while true {
      let rows: [Element] = try page(after: last, max: 4_096)
      for row in rows { body(row) }
      guard let end = rows.last else { return }
      last = end.key
    }
  }
}
