import Fixtures
import Testing
import Wire

@Suite("What unpacking may cost") struct BudgetTests {
  /// Empty submessages: two bytes on the wire, a struct and a pointer in memory.
  private static let bomb = [UInt8](repeating: 0, count: 20_000).enumerated().flatMap { _ in
    [0x8a, 0x01, 0x00] as [UInt8]
  }

  @Test("A bomb of tiny submessages is stopped by the budget, and said to be")
  func bomb() throws {
    #expect(throws: DecodeFailure.overBudget) {
      try Lists(decoding: Self.bomb, budget: Self.bomb.count * 4 + 64 << 10)
    }
    #expect(try Lists(decoding: Self.bomb).leaves.count == 20_000)
  }

  @Test("Damaged bytes within the budget are malformed, and not over it")
  func malformed() {
    #expect(throws: DecodeFailure.malformed) {
      try Leaf(decoding: [0x0a, 0x05, 0x61], budget: 4096)
    }
    #expect(throws: DecodeFailure.malformed) { try Leaf(decoding: [0x0b], budget: 4096) }
    #expect(throws: DecodeFailure.malformed) {
      try Leaf(decoding: [0x10] + [UInt8](repeating: 0xff, count: 11), budget: 4096)
    }
  }

  @Test("A budget at, above and below the need decides exactly")
  func exact() throws {
    let bytes = Lists(strings: ["some", "text"], leaves: [Leaf(name: "oak")]).encoded()
    let arena = Arena()
    arena.reset(budget: 1 << 20)
    _ = try bytes.withUnsafeBytes { try Lists(decoding: $0, in: arena) }
    let need = (1 << 20) - arena.budgetLeft
    #expect(throws: Never.self) { try Lists(decoding: bytes, budget: need) }
    #expect(throws: Never.self) { try Lists(decoding: bytes, budget: need + 1) }
    for budget in 0..<need {
      #expect(throws: DecodeFailure.overBudget) { try Lists(decoding: bytes, budget: budget) }
    }
  }

  @Test("Packing is outside the budget")
  func packing() {
    let arena = Arena(capacity: 1024)
    arena.reset(budget: 0)
    var buffer = ByteBuffer()
    let value = Lists(strings: (0..<1000).map(String.init))
    value.encode(into: &buffer, using: arena)
    #expect(buffer.withBytes { [UInt8]($0) } == value.encoded())
    #expect(!arena.isOverBudget)
  }
}
