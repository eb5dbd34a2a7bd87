import Fixtures
import RPCCore
import TestSupport
import Testing
import Wire

@Suite("Credit, as a server keeps and gives it") struct ServerCreditTests {
  private static let window = 256 << 10

  @Test("Responses stop when the credit is spent, and go on when more is given")
  func sends() throws {
    let written = Record<Int>()
    var calls = ScriptedCalls()
    calls.onEcho = { _, responses, _ in
      for number in 0..<6 {
        try await responses.write(Leaf.heavy(100_000))
        written.add(number)
      }
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.echo, isLast: true))
    // The credit is above 0 until the third has taken it below.
    #expect(try peer.frames().map(\.kind) == [.message, .message, .message])
    #expect(written.entries == [0, 1, 2])
    let overdrawn = UInt32(3 * Leaf.heavy(100_000).encoded().count - Self.window)
    peer.send(.credit(1, overdrawn))
    #expect(try peer.frames().isEmpty)
    peer.send(.credit(1, 1))
    #expect(try peer.frames().map(\.kind) == [.message])
    peer.send(.credit(1, 1_000_000))
    #expect(try peer.frames().map(\.kind) == [.message, .message, .close])
    #expect(written.entries.count == 6)
  }

  @Test("One call without credit does not hold up another")
  func perCall() throws {
    var calls = ScriptedCalls()
    calls.onScatter = { _, responses, _ in
      while true { try await responses.write(Leaf.heavy(100_000)) }
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.scatter, Lists()), .open(2, CallMethods.scatter, Lists()))
    #expect(try peer.frames().map(\.call) == [1, 1, 1, 2, 2, 2])
    peer.send(.open(3, CallMethods.put, Leaf()), .credit(2, 60_000))
    #expect(try peer.frames().map(\.call) == [3, 2])
  }

  @Test("A handler that reads gives credit in large steps; one that does not gives none")
  func grants() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onGather = { requests, _ in
      await gate.pass()
      var count = 0
      for try await _ in requests { count += 1 }
      return Reply(Lists(int32s: [Int32(count)]))
    }
    let peer = ServerPeer(to: try .scripted(calls))
    let size = Leaf.heavy(60_000).encoded().count
    peer.send([.open(1, CallMethods.gather)] + (0..<4).map { _ in .message(1, Leaf.heavy(60_000)) })
    #expect(try peer.frames().isEmpty)
    peer.loop.perform { gate.open() }
    #expect(try peer.frames() == [.credit(1, UInt32(3 * size))])
    peer.send([.message(1, Leaf.heavy(60_000)), .message(1, Leaf.heavy(60_000))])
    #expect(try peer.frames() == [.credit(1, UInt32(3 * size))])
    peer.send(PlainFrame(.end, call: 1))
    #expect(try peer.frames() == [.close(1, Lists(int32s: [6]))])
  }

  @Test("Requests at the credit pass, and one beyond it is a fault")
  func withoutCredit() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onGather = { _, _ in
      await gate.pass()
      return Reply(Lists())
    }
    let peer = ServerPeer(to: try .scripted(calls))
    peer.send(.open(1, CallMethods.gather), .message(1, Leaf.heavy(Self.window - 1)))
    peer.send(.open(2, CallMethods.put, Leaf()))
    #expect(try peer.frames() == [.close(2, Leaf())])
    peer.send(.message(1, Leaf()))
    let frames = try peer.frames()
    #expect(frames.map(\.kind) == [.goAway])
    #expect(frames.first?.status == .resourceExhausted)
    #expect(peer.link.ending == .closed)
    gate.open()
  }

  @Test("A server that lets handlers fall further behind says so with the first request")
  func widerWindow() throws {
    var limits = ServerLimits()
    limits.creditBytes = 1 << 20
    let peer = ServerPeer(to: try .scripted(limits: limits))
    peer.send(.open(1, CallMethods.gather), .message(1, Leaf(name: "a")))
    #expect(try peer.frames() == [.credit(1, UInt32(1 << 20 - 256 << 10) + 3)])
  }

  @Test("A connection with too much undelivered ends its greediest call, and only that")
  func undelivered() throws {
    let gate = Gate()
    let ends = Record<HandlerEnd>()
    var calls = ScriptedCalls()
    calls.onGather = { requests, _ in
      try await recording(in: ends) { try await gate.passOrCancel() }
      var count = 0
      for try await _ in requests { count += 1 }
      return Reply(Lists(int32s: [Int32(count)]))
    }
    var limits = ServerLimits()
    limits.undeliveredBytesMax = 600_000
    let peer = ServerPeer(to: try .scripted(calls, limits: limits))
    for call in UInt32(1)...3 {
      peer.send(
        .open(call, CallMethods.gather),
        .message(call, Leaf.heavy(call == 2 ? 250_000 : 150_000))
      )
    }
    #expect(try peer.frames().isEmpty)
    peer.send(.message(3, Leaf.heavy(49_000)))
    #expect(try peer.frames().isEmpty)
    peer.send(.message(1, Leaf.heavy(10_000)))
    #expect(try peer.frames().map { [$0.call, $0.status.rawValue] } == [[2, 8]])
    #expect(ends.entries == [.cancelled])
    peer.send(.message(1, Leaf.heavy(80_000)))
    peer.loop.perform { gate.open() }
    peer.send(PlainFrame(.end, call: 1), PlainFrame(.end, call: 2), PlainFrame(.end, call: 3))
    let closes = try peer.frames().filter { $0.kind == .close }
    #expect(closes == [.close(1, Lists(int32s: [3])), .close(3, Lists(int32s: [2]))])
  }

  @Test("Eight MiB may wait by default, and empty messages are not free")
  func emptyMessages() throws {
    let gate = Gate()
    var calls = ScriptedCalls()
    calls.onGather = { _, _ in
      await gate.pass()
      return Reply(Lists())
    }
    let peer = ServerPeer(to: try .scripted(calls))
    let flood = PlainFrame(.message, call: 1).bytes
    peer.send(.open(1, CallMethods.gather))
    peer.send(bytes: (0..<(8 << 20) / 64).flatMap { _ in flood })
    #expect(try peer.frames().isEmpty)
    peer.send(bytes: flood)
    #expect(try peer.frames().map(\.status) == [.resourceExhausted])
    gate.open()
  }

  @Test("A peer that does not read makes writers wait, and is not read either; then all goes on")
  func outputBackPressure() throws {
    let written = Record<Int>()
    var limits = ServerLimits()
    limits.outputBytesMax = 50_000
    var calls = ScriptedCalls()
    calls.onEcho = { _, responses, _ in
      for number in 0..<20 {
        try await responses.write(Leaf.heavy(10_000))
        written.add(number)
      }
    }
    let peer = ServerPeer(to: try .scripted(calls, limits: limits))
    peer.link.isTaking = false
    peer.send(.open(1, CallMethods.echo, isLast: true))
    #expect(written.entries.count == 5)
    peer.send(.open(2, CallMethods.put, Leaf()), .open(3, CallMethods.put, Leaf()))
    #expect(!peer.link.isReading)
    #expect(peer.link.waitingBytes < 70_000)
    peer.link.isTaking = true
    peer.loop.perform { peer.link.take() }
    let frames = try peer.frames()
    #expect(
      frames.filter { $0.call == 1 }.map(\.kind) == .init(repeating: .message, count: 20) + [.close]
    )
    #expect(frames.filter { $0.call > 1 } == [.close(2, Leaf()), .close(3, Leaf())])
    #expect(peer.link.isReading)
  }

  @Test("A peer that sends one frame in each read and reads nothing is not read for long")
  func oneFrameInEachRead() throws {
    var limits = ServerLimits()
    limits.outputBytesMax = 20_000
    let peer = ServerPeer(to: try .scripted(limits: limits))
    peer.link.isTaking = false
    for call in UInt32(1)...100 { peer.send(.open(call, CallMethods.peek, Leaf.heavy(1_000))) }
    #expect(!peer.link.isReading)
    #expect(peer.link.waitingBytes < 25_000)
    peer.link.isTaking = true
    peer.loop.perform { peer.link.take() }
    #expect(try peer.frames().map(\.call) == Array(1...100))
    #expect(peer.link.isReading)
  }
}
