import Ledger
import RPCCore
import ServicesSupport
import StoreSupport
import TestSupport
import Testing
import UsherAPI
import Wire

@Suite("The log and the tables, as others read them")
struct LogTests {
  @Test("A subscriber gets what was and then what comes, with no gap and no repeat")
  func oldThenLive() throws {
    let house = try House()
    let date = try house.date(seats: 50)
    let id = try house.user(balance: 100_000)
    for seat in 1...5 as ClosedRange<UInt32> {
      _ = try house.pay(try house.hold([seat], of: date.id, by: id), by: id)
    }
    let app = house.app
    let got = Record<Event>()
    let reading = house.loop.start {
      for try await event in app.events.subscribe(.init(follow: true)) { got.add(event) }
    }
    let old = house.offset
    #expect(got.entries.map(\.offset) == Array(1...old))
    for seat in 6...8 as ClosedRange<UInt32> {
      _ = try house.pay(try house.hold([seat], of: date.id, by: id), by: id)
    }
    let end = house.offset
    #expect(end > old)
    #expect(got.entries.map(\.offset) == Array(1...end))
    #expect(!reading.isDone)
    #expect(got.entries.map { $0.encoded() } == house.log)
    reading.cancel()
    house.loop.perform {}
    #expect(reading.isDone)
  }

  @Test("Commands that are committed while the old is read are neither lost nor told twice")
  func meanwhile() throws {
    let house = try House()
    let id = try house.user(balance: 1)
    let ada = house.app(for: id)
    try house.run {
      for _ in 0..<700 { _ = try await ada.wallets.charge(.init(amount: 1)) }
    }
    let app = house.app
    let got = Record<UInt64>()
    let reading = house.loop.start {
      for try await event in app.events.subscribe(.init(follow: true)) {
        got.add(event.offset)
        if event.offset.isMultiple(of: 100) {
          _ = try await ada.wallets.charge(.init(amount: 1))
        }
        if event.offset == 709 { return }
      }
    }
    try house.loop.finish(reading)
    #expect(got.entries == Array(1...709))
  }

  @Test("Without following, a subscription ends at the log's head", arguments: [0, 1, 3, 4, 99])
  func ends(from offset: UInt64) throws {
    let house = try House()
    _ = try house.user(balance: 5)
    _ = try house.user("Bob")
    let app = house.app
    let got = try house.run {
      var offsets: [UInt64] = []
      for try await event in app.events.subscribe(.init(offset: offset)) {
        offsets.append(event.offset)
      }
      return offsets
    }
    #expect(got == [1, 2, 3].filter { $0 >= offset })
  }

  @Test("The epoch that is current, and 0 for it, are served")
  func epoch() throws {
    let house = try House()
    _ = try house.user()
    let app = house.app
    for epoch in [0, 1] as [UInt64] {
      let count = try house.run {
        var count = 0
        for try await event in app.events.subscribe(.init(epoch: epoch)) {
          #expect(event.epoch == 1)
          count += 1
        }
        return count
      }
      #expect(count == 1)
    }
  }

  @Test("Whoever followed the log's life before a restore is told how far it still holds")
  func earlierEpoch() throws {
    let first = try House()
    _ = try first.user(balance: 5)
    let offset = first.offset
    first.database.change { $0.head.epoch = 2 }
    let house = try House(on: first.database)
    _ = try house.user("Bob", balance: 7)
    let app = house.app
    let failure = try house.failure {
      for try await _ in app.events.subscribe(.init(epoch: 1, offset: offset + 1)) {}
    }
    #expect(failure?.refusal == "EPOCH_CHANGED")
    #expect(
      failure?.message == "the log's epoch is 2, not 1; the last common offset is \(offset)"
    )
  }

  @Test("A subscription waits for the offset that it asks to see, before it looks for the end")
  func waits() throws {
    let house = try House()
    let id = try house.user()
    let app = try house.app.saying(Metadata.Key.atLeastOffset, "2")
    let reading = house.loop.start {
      var count = 0
      for try await _ in app.events.subscribe(.init()) { count += 1 }
      return count
    }
    #expect(!reading.isDone)
    let ada = house.app(for: id)
    try house.run { try await ada.wallets.charge(.init(amount: 1)) }
    #expect(try house.loop.finish(reading) == 2)
  }

  @Test("A log that lacks an event says so, and keeps nobody waiting")
  func hole() throws {
    let first = try House()
    _ = try first.user(balance: 1)
    let house = try House(on: first.database)
    house.database.change { $0.log.removeLast() }
    let app = house.app
    let failure = try house.failure {
      for try await _ in app.events.subscribe(.init()) {}
    }
    #expect(failure?.code == .dataLoss)
    #expect(failure?.message.contains("event 2") == true)
  }

  @Test("An export has every table, in its order, as of one offset, while commands go on")
  func export() throws {
    let house = try House()
    let date = try house.date(seats: 600)
    let id = try house.user(balance: 100_000)
    for seat in 1...40 as ClosedRange<UInt32> { _ = try house.hold([seat], of: date.id, by: id) }
    let ada = house.app(for: id)
    try house.run {
      for _ in 0..<600 { _ = try await ada.wallets.charge(.init(amount: 1)) }
    }
    let offset = house.offset
    let desk = house.operator
    let chunks = try house.run {
      var chunks: [ExportChunk] = []
      for try await chunk in desk.operators.export(.init()) {
        chunks.append(chunk)
        _ = try await ada.wallets.charge(.init(amount: 1))
      }
      return chunks
    }
    #expect(Set(chunks.map(\.offset)) == [offset])
    #expect(Set(chunks.map(\.epoch)) == [1])
    let tables = chunks.reduce(into: [String]()) { names, chunk in
      if names.last != chunk.table { names.append(chunk.table) }
    }
    #expect(
      tables == [
        "users", "concerts", "dates", "taken_seats", "reservations", "payments", "wallets",
        "entries", "gates", "tickets",
      ]
    )
    let rows = Dictionary(grouping: chunks, by: \.table).mapValues { $0.flatMap(\.rows) }
    #expect(rows["entries"]?.count == 601)
    #expect(rows["taken_seats"]?.count == 40)
    #expect(rows["payments"]?.isEmpty == true)
    #expect(house.offset == offset + UInt64(chunks.count))
    #expect(try rows["wallets"]?.map { try Wallet(decoding: $0).balance } == [100_600])
  }
}
