import RPCCore
import TestSupport
import Testing

@Suite("The loop that tests run on") struct SimulatedLoopTests {
  @Test("Timers fire in the order of their moments, and see the clock there")
  func timers() {
    let loop = SimulatedLoop()
    let fired = Record<Duration>()
    let start = loop.now
    loop.perform {
      for seconds in [3, 1, 2, 1] {
        _ = loop.schedule(at: start + .seconds(seconds)) { fired.add(loop.now - start) }
      }
      loop.schedule(at: start + .seconds(2)) { fired.add(.zero) }.cancel()
    }
    loop.advance(by: .milliseconds(2500))
    #expect(fired.entries == [.seconds(1), .seconds(1), .seconds(2)])
    loop.advance(by: .milliseconds(500))
    #expect(fired.entries.last == .seconds(3))
  }

  @Test("A seed repeats its order, and seeds differ")
  func seeds() throws {
    func order(_ seed: UInt64?) throws -> [Int] {
      let loop = SimulatedLoop(seed: seed)
      let record = Record<Int>()
      try loop.run {
        await withTaskGroup(of: Void.self) { group in
          for number in 0..<20 { group.addTask { record.add(number) } }
        }
      }
      return record.entries
    }
    #expect(try order(nil) == Array(0..<20))
    #expect(try order(1) == order(1))
    #expect(try order(1) != order(2))
  }

  @Test("What is executed keeps its order under any seed", arguments: UInt64(0)..<5)
  func executed(seed: UInt64) {
    let loop = SimulatedLoop(seed: seed)
    let record = Record<Int>()
    loop.perform {
      for number in 0..<20 { loop.execute { record.add(number) } }
    }
    #expect(record.entries == Array(0..<20))
  }

  @Test("A body comes back to the loop from wherever it waited")
  func comesBack() throws {
    let loop = SimulatedLoop()
    try loop.run {
      #expect(loop.isCurrent)
      await elsewhere()
      #expect(loop.isCurrent)
    }
    #expect(!loop.isCurrent)
  }

  @concurrent
  private func elsewhere() async {
    // A task off the loop, whose end is handed over from another thread.
    await Task(executorPreference: OtherThread()) {}.value
  }
}
