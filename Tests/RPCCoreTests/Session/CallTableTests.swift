import TestSupport
import Testing

@testable import RPCCore

@Suite("The open calls of a connection")
struct CallTableTests {
  private final class Call {
    let id: UInt32
    init(_ id: UInt32) { self.id = id }
  }

  @Test("What is open is found, and nothing else, whatever ended in between", arguments: 0..<20)
  func followsModel(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var table = CallTable<Call>()
    var model: [UInt32: Call] = [:]
    var last: UInt32 = 0
    for _ in 0..<500 {
      if model.isEmpty || UInt8.random(in: 0..<100, using: &random) < 52 {
        last += UInt32.random(in: 1...(seed.isMultiple(of: 2) ? 1 : 40), using: &random)
        let call = Call(last)
        table.insert(call, last)
        model[last] = call
      } else if let ended = model.keys.sorted().randomElement(using: &random) {
        table.remove(ended)
        model[ended] = nil
      }
      #expect(table.count == model.count)
      let asked = UInt32.random(in: 0...last, using: &random)
      #expect(table[asked] === model[asked])
    }
    for (id, call) in model { #expect(table[id] === call) }
    #expect(Set(table.all.map(\.id)) == Set(model.keys))
  }

  @Test("Removing what is not there changes nothing")
  func removesNothing() {
    var table = CallTable<Call>()
    table.remove(7)
    let call = Call(7)
    table.insert(call, 7)
    table.remove(15)
    #expect(table[7] === call)
    #expect(table[15] == nil)
    #expect(table.count == 1)
  }

  @Test("Resting loses nothing that is open, and a table that rested takes calls again")
  func rests() {
    var table = CallTable<Call>()
    let calls = (1...300).map { Call($0) }
    for call in calls { table.insert(call, call.id) }
    table.rest()
    for call in calls { #expect(table[call.id] === call) }
    for call in calls { table.remove(call.id) }
    table.rest()
    #expect(table.isEmpty)
    #expect(table[300] == nil)
    let later = Call(301)
    table.insert(later, 301)
    #expect(table[301] === later)
  }
}
