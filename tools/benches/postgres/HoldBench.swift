import Domain
import Glibc
import Ledger
import StorePostgres

/// Batches of holds of seats that were held before, each by another user and under a key of its own.
struct HoldBench {
  let store: PostgresStore
  let holdsPerBatch: Int
  private var random = SystemRandomNumberGenerator()
  private var ids = IDSource(at: Instant(milliseconds: 0), batch: 0, seed: 1)
  private var batches = 0
  /// As a ledger seals batches, whatever the key.
  private let sealer = Sealer(
    ReceiptKey(
      number: ReceiptKey.current,
      secret: Array(repeating: 1, count: ReceiptKey.secretBytes),
      created: Instant(milliseconds: 0)
    )
  )
  private var elapsed: Int64 = 0
  /// Nanoseconds in begin, load and commit.
  private var spent: (begin: Int64, load: Int64, commit: Int64) = (0, 0, 0)

  private static let datesCount = 1_000
  private static let seatsOfDate = 500
  private static let usersCount = 100_000

  init(store: PostgresStore, holdsPerBatch: Int) {
    self.store = store
    self.holdsPerBatch = holdsPerBatch
  }

  private static func id<Of>(_ kind: UInt64, _ number: Int) -> ID<Of> {
    ID(high: 0x0190_0000_0000_7000 | kind << 32, low: 1 << 63 | UInt64(number))
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Fills the tables with users and taken seats, unless they are full.
  mutating func prepare() async throws {
    for start in stride(from: 0, to: Self.usersCount, by: 10_000) {
      let head = try await store.begin().head
      var rows = WorkingSet()
      for number in start..<start + 10_000 {
        rows.users.put(
          User(id: Self.id(1, number), name: "user", created: Instant(milliseconds: 1))
        )
      }
      try await commit(rows, log: [], after: head, at: head.time)
    }
    for date in 0..<Self.datesCount {
      let head = try await store.begin().head
      var rows = WorkingSet()
      for seat in 1...Self.seatsOfDate {
        rows.seats.put(
          TakenSeat(
            key: TakenSeat.Key(date: Self.id(2, date), number: UInt32(seat)),
            user: Self.id(1, seat),
            reservation: Self.id(3, seat),
            until: Instant(milliseconds: 1)
          )
        )
      }
      try await commit(rows, log: [], after: head, at: head.time)
    }
  }

  private func commit(
    _ rows: WorkingSet,
    log: [[UInt8]],
    after head: Head,
    at time: Instant
  ) async throws {
    let sealed = log.isEmpty ? nil : sealer.seal(log, after: head)
    let next = Head(
      epoch: head.epoch,
      offset: head.offset + UInt64(log.count),
      batch: head.batch + 1,
      time: time,
      hash: sealed?.hash ?? head.hash
    )
    try await store.commit(
      Batch(
        rows: rows,
        head: next,
        log: log,
        seal: sealed?.seal,
        forgetRepeatsBefore: Instant(milliseconds: time.milliseconds - 86_400_000)
      )
    )
  }

  mutating func run(nanoseconds: Int64) async throws {
    let start = Self.now()
    while Self.now() - start < nanoseconds {
      try await runBatch()
      batches += 1
    }
    elapsed = Self.now() - start
  }

  private mutating func runBatch() async throws {
    let start = Self.now()
    let locked = try await store.begin()
    let time = locked.clock
    _ = try await store.due(at: Instant(milliseconds: 0), max: 256)
    let begun = Self.now()
    let seed = UInt64.random(in: 0 ... .max, using: &random)
    ids = IDSource(at: time, batch: locked.head.batch + 1, seed: seed)
    var rows = WorkingSet()
    rows.dates.want(Self.id(2, 0))
    rows.concerts.want(Self.id(4, 0))
    var wanted: [(UserID, TakenSeat.Key, Repeat.Key)] = []
    for _ in 0..<holdsPerBatch {
      let user: UserID = Self.id(1, Int.random(in: 0..<Self.usersCount, using: &random))
      let key = TakenSeat.Key(
        date: Self.id(2, Int.random(in: 0..<Self.datesCount, using: &random)),
        number: UInt32.random(in: 1...UInt32(Self.seatsOfDate), using: &random)
      )
      let text = (ids.next() as ID<Made>).description
      let record = Repeat.Key(text: text, caller: user.of(), method: "ReservationService.Hold")
      rows.users.want(user)
      rows.seats.want(key)
      rows.repeats.want(record)
      wanted.append((user, key, record))
    }
    try await store.load(&rows)
    let loaded = Self.now()
    for (user, key, record) in wanted { hold(key, user, record, at: time, in: &rows) }
    let log = wanted.map { _ in [UInt8](repeating: 7, count: 200) }
    let decided = Self.now()
    try await commit(rows, log: log, after: locked.head, at: max(time, locked.head.time))
    spent.begin += begun - start
    spent.load += loaded - begun
    spent.commit += Self.now() - decided
  }

  private mutating func hold(
    _ seat: TakenSeat.Key,
    _ user: UserID,
    _ record: Repeat.Key,
    at time: Instant,
    in rows: inout WorkingSet
  ) {
    let reservation = Reservation(
      key: Reservation.Key(user: user, id: ids.next()),
      hold: ids.next(),
      concert: Self.id(4, 0),
      date: seat.date,
      seat: seat.number,
      price: 1_000,
      created: time,
      expires: time.after(milliseconds: 300_000)
    )
    rows.reservations.put(reservation)
    rows.seats.put(
      TakenSeat(
        key: seat,
        user: user,
        reservation: reservation.key.id,
        until: reservation.expires
      )
    )
    rows.repeats.put(
      Repeat(
        key: record,
        digest: [UInt8](repeating: 1, count: 32),
        made: [reservation.hold.of(), reservation.key.id.of()],
        created: time
      )
    )
  }

  func report() {
    guard batches > 0 else { return }
    let total = Double(batches * holdsPerBatch) / Double(elapsed) * 1e9
    func microseconds(_ span: Int64) -> Int64 { span / 1_000 / Int64(batches) }
    print(
      "\(Int(total)) holds/s, \(batches) batches of \(holdsPerBatch);",
      "us a batch: begin \(microseconds(spent.begin)), load \(microseconds(spent.load)),",
      "commit \(microseconds(spent.commit)), all \(microseconds(elapsed))"
    )
  }
}
