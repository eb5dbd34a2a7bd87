internal import Domain
internal import Ledger
internal import StoreSQLite

/// Batches of holds on random seats by random users.
struct Sale {
  let batch: Int
  var holds: UInt64 = 0
  private var state: UInt64 = 88_172_645_463_325_252
  private let start = Instant(milliseconds: 1_700_000_000_000)
  /// As a ledger seals batches, whatever the key.
  private let sealer = Sealer(
    ReceiptKey(
      number: ReceiptKey.current,
      secret: Array(repeating: 1, count: ReceiptKey.secretBytes),
      created: Instant(milliseconds: 0)
    )
  )

  init(batch: Int) {
    self.batch = batch
  }

  mutating func prepare(_ store: SQLiteStore) async throws {
    guard let prices = SeatPrices(total: 50, price: 1_000) else { return }
    let times = DateTimes(opens: start, closes: start, bookingStarts: start, bookingEnds: start)
    var rows = WorkingSet()
    let plan = ConcertPlan(name: "A concert")
    rows.concerts.put(Concert(id: id(1), plan: plan, holdMilliseconds: 1, created: start))
    for number in 0..<StoreBench.datesCount {
      let id: DateID = id(number)
      rows.dates.put(
        ConcertDate(id: id, concert: self.id(1), times: times, prices: prices, created: start)
      )
    }
    for number in 0..<StoreBench.usersCount {
      rows.users.put(User(id: id(number), name: "user \(number)", created: start))
    }
    try await commit(rows, log: [], from: store.begin().head, on: store)
  }

  mutating func run(on store: SQLiteStore) async throws {
    let head = try await store.begin().head
    var rows = WorkingSet()
    var wanted: [(user: UserID, seat: TakenSeat.Key, record: Repeat.Key)] = []
    for place in 0..<UInt64(batch) {
      let seat = random() % (StoreBench.datesCount * StoreBench.seatsPerDate)
      let user: UserID = id(random() % StoreBench.usersCount)
      let key = TakenSeat.Key(
        date: id(seat / StoreBench.seatsPerDate),
        number: UInt32(seat % StoreBench.seatsPerDate) + 1
      )
      let made: ID<Made> = ID(high: head.offset + place, low: random())
      let record = Repeat.Key(
        text: made.description,
        caller: user.of(),
        method: "/usher.v1.ReservationService/Hold"
      )
      wanted.append((user, key, record))
      rows.users.want(user)
      rows.dates.want(key.date)
      rows.concerts.want(id(1))
      rows.seats.want(key)
      rows.repeats.want(record)
    }
    try await store.load(&rows)
    let now = start.after(milliseconds: Int64(holds / 50))
    var ids = IDSource(at: now, batch: head.batch, seed: head.batch)
    let digest = [UInt8](repeating: 7, count: 32)
    for (user, seat, record) in wanted {
      let reservation = Reservation(
        key: Reservation.Key(user: user, id: ids.next()),
        hold: ids.next(),
        concert: id(1),
        date: seat.date,
        seat: seat.number,
        price: 1_000,
        created: start,
        expires: start.after(milliseconds: Int64(holds))
      )
      rows.reservations.put(reservation)
      rows.seats.put(
        TakenSeat(key: seat, user: user, reservation: reservation.id, until: reservation.expires)
      )
      rows.repeats.put(
        Repeat(
          key: record,
          digest: digest,
          made: [reservation.hold.of(), reservation.id.of()],
          created: start
        )
      )
      holds += 1
    }
    let log = Array(repeating: [UInt8](repeating: 1, count: 120), count: batch)
    try await commit(rows, log: log, from: head, on: store)
  }

  private func commit(
    _ rows: WorkingSet,
    log: [[UInt8]],
    from head: Head,
    on store: SQLiteStore
  ) async throws {
    let sealed = log.isEmpty ? nil : sealer.seal(log, after: head)
    let next = Head(
      epoch: head.epoch,
      offset: head.offset + UInt64(log.count),
      batch: head.batch + 1,
      time: start,
      hash: sealed?.hash ?? head.hash
    )
    try await store.commit(
      Batch(
        rows: rows,
        head: next,
        log: log,
        seal: sealed?.seal,
        forgetRepeatsBefore: Instant(milliseconds: 0)
      )
    )
  }

  private func id<Of>(_ number: UInt64) -> ID<Of> {
    ID(high: 0x018B_CFE5_6800_7000 + number, low: 1 << 63 | number &* 0x9E37_79B9_7F4A_7C15)
  }

  private mutating func random() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
