@testable import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Accounts of calls and credit") struct AccountTests {
  @Test("Call numbers have to rise, from 1 to the last there is")
  func callIDs() {
    var ids = CallIDs()
    #expect(ids.open(0) == .notRising)
    #expect(!ids.wasOpened(0))
    #expect(ids.open(1) == .taken)
    #expect(ids.open(1) == .notRising)
    #expect(ids.open(900) == .taken)
    #expect(ids.open(899) == .notRising)
    #expect(ids.highest == 900)
    // A number that was passed over counts as opened: its frames may be on their way.
    #expect([0, 1, 500, 900, 901].map { ids.wasOpened($0) } == [false, true, true, true, false])
    #expect(ids.open(.max) == .taken)
    #expect(ids.open(.max) == .notRising)
  }

  @Test("Sending may go on while credit is above 0, which one message may overdraw")
  func sendCredit() {
    var credit = SendCredit()
    credit.sent(256 << 10 - 1)
    #expect(credit.maySend == true)
    credit.sent(1)
    #expect(credit.maySend == false)
    #expect(credit.granted(1) == .granted)
    #expect(credit.maySend == true)
    credit.sent(1_000)
    #expect(credit.granted(999) == .granted)
    #expect(credit.maySend == false)
  }

  @Test("Credit may reach 2 GiB, not pass it, and an overflow changes nothing")
  func sendCreditMax() {
    var credit = SendCredit()
    #expect(credit.granted(1 << 31 - 256 << 10 + 1) == .overflow)
    #expect(credit.bytes == 256 << 10)
    #expect(credit.granted(1 << 31 - 256 << 10) == .granted)
    #expect(credit.granted(1) == .overflow)
    #expect(credit.granted(0) == .granted)
    credit.sent(1)
    #expect(credit.granted(1) == .granted)
  }

  @Test("Both ends of a call agree on its credit, and neither gets stuck", arguments: 0..<50)
  func bothEnds(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let window = [256 << 10, 300_000, 1 << 20].randomElement(using: &random) ?? 256 << 10
    var sending = SendCredit()
    var receiving = ReceiveCredit(window: window)
    var waiting: [Int] = []
    var grants: [UInt32] = []
    for _ in 0..<2_000 {
      switch random.draw(from: 0..<3) {
      case 0 where sending.maySend:
        let size =
          random.isOne(in: 10) ? random.draw(from: 0..<400_000) : random.draw(from: 0..<9_000)
        sending.sent(size)
        // What may be sent is always accepted.
        #expect(receiving.received(size) == .accepted)
        waiting.append(size)
      case 1 where !waiting.isEmpty:
        let grant = receiving.consumed(waiting.removeFirst())
        if grant > 0 { grants.append(grant) }
      case 2 where !grants.isEmpty:
        #expect(sending.granted(grants.removeFirst()) == .granted)
        #expect(sending.bytes <= window)
      default: break
      }
      if waiting.isEmpty, grants.isEmpty { #expect(sending.maySend == true) }
    }
  }

  @Test("A reader gives nothing back until half of its window is owed, and then all of it")
  func receiveCredit() {
    var credit = ReceiveCredit(window: 256 << 10)
    #expect(credit.received(200_000) == .accepted)
    #expect(credit.consumed(128 << 10 - 1) == 0)
    #expect(credit.consumed(1) == 128 << 10)
    #expect(credit.consumed(1) == 0)
    var spent = ReceiveCredit(window: 256 << 10)
    #expect(spent.received(256 << 10 - 1) == .accepted)
    #expect(spent.received(5) == .accepted)
    #expect(spent.received(0) == .withoutCredit)
  }

  @Test("A table of calls is what a dictionary would be", arguments: 0..<20)
  func callTable(seed: UInt64) {
    final class Call {}
    var random = SeededGenerator(seed: seed)
    var table = CallTable<Call>()
    var model: [UInt32: Call] = [:]
    var open: [UInt32] = []
    var lastID: UInt32 = seed.isMultiple(of: 2) ? 0 : .max - 100_000
    for _ in 0..<1_500 {
      if random.draw(from: 0..<100) < (seed % 3 == 0 ? 48 : 55) {
        lastID += UInt32(random.isOne(in: 5) ? random.draw(from: 1...64) : 1)
        let call = Call()
        table.insert(call, lastID)
        model[lastID] = call
        open.append(lastID)
      } else if !open.isEmpty {
        let id = open.remove(at: random.draw(from: open.indices))
        table.remove(id)
        table.remove(id)
        model[id] = nil
      }
    }
    #expect(table.count == model.count)
    #expect(
      Set(table.all.map(ObjectIdentifier.init)) == Set(model.values.map(ObjectIdentifier.init))
    )
    #expect(model.allSatisfy { table[$0.key] === $0.value })
    #expect(table[lastID &+ 1] == nil)
    for id in open { table.remove(id) }
    #expect(table.isEmpty == true)
  }

  @Test(
    "An inbox gives back what was put in, in order, and counts what it holds",
    arguments: 0..<20
  )
  func inbox(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var inbox = Inbox()
    var model: [[UInt8]] = []
    for _ in 0..<500 {
      if random.isOne(in: 2) || model.isEmpty {
        let message = random.bytes(random.draw(from: 0..<60))
        message.withUnsafeBytes { inbox.append($0) }
        model.append(message)
      } else {
        let taken = inbox.takeFirst { Array($0) }
        #expect(taken == model.removeFirst())
      }
      #expect(inbox.count == model.count)
      #expect(inbox.heldBytes == model.reduce(0) { $0 + $1.count + Inbox.overheadBytes })
    }
    inbox.removeAll()
    #expect(inbox.heldBytes == 0)
    #expect(inbox.count == 0)
  }

  @Test("A message that its taker refuses is taken all the same")
  func inboxThrows() {
    struct Odd: Error {}
    var inbox = Inbox()
    for byte in UInt8(1)...2 { withUnsafeBytes(of: byte) { inbox.append($0) } }
    do { try inbox.takeFirst { _ in throw Odd() } } catch {}
    #expect(inbox.takeFirst { Array($0) } == [2])
  }
}
