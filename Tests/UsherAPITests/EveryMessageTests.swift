import CProtobufC
import Fixtures
import TestSupport
import Testing
import UsherAPI
import Wire

@Suite("Every message there is") struct EveryMessageTests {
  private static let types: [any Message.Type] =
    UsherAPI.MessageTypes.all + Fixtures.MessageTypes.all
  private static let names = types.map { $0.messageName }

  private func type(_ name: String) throws -> any Message.Type {
    try #require(Self.types.first { $0.messageName == name })
  }

  private func random(_ type: any Message.Type, seed: UInt64) -> [UInt8] {
    var random = RandomMessage(seed: seed)
    return random.bytes(type.cDescriptor.pointee)
  }

  @Test("comes back as it went, byte for byte and field by field", arguments: names)
  func roundTrip(name: String) throws {
    func check<M: Message>(_: M.Type, _ bytes: [UInt8], _ seed: UInt64) throws {
      let message = try M(decoding: bytes)
      let encoded = message.encoded()
      #expect(encoded == bytes, "seed \(seed)")
      #expect(try M(decoding: encoded) == message, "seed \(seed)")
    }
    let type = try type(name)
    for seed in 0..<50 as Range<UInt64> { try check(type, random(type, seed: seed), seed) }
  }

  @Test("survives being cut off anywhere: it is read or refused", arguments: names)
  func truncation(name: String) throws {
    let type = try type(name)
    for seed in 0..<5 as Range<UInt64> {
      let bytes = random(type, seed: seed)
      for length in 0..<bytes.count { readOrRefuse(type, Array(bytes[..<length])) }
    }
  }

  @Test("survives damage: it is read or refused, within its budget", arguments: names)
  func damage(name: String) throws {
    let type = try type(name)
    var random = SeededGenerator(seed: 7)
    for seed in 0..<100 as Range<UInt64> {
      var bytes = self.random(type, seed: seed)
      guard let index = bytes.indices.randomElement(using: &random) else { continue }
      bytes[index] = .random(in: 0...255, using: &random)
      readOrRefuse(type, bytes)
    }
  }

  /// A trap would end the tests; a refusal is as good as a message.
  private func readOrRefuse(_ type: any Message.Type, _ bytes: [UInt8]) {
    do throws(DecodeFailure) {
      let message = try type.init(decoding: bytes, budget: bytes.count * 4 + 64 << 10)
      _ = message.encoded()
    } catch {
      #expect(error != .overBudget)
    }
  }

  @Test("has its schema's name, which its descriptor has too", arguments: names)
  func messageName(name: String) throws {
    #expect(String(cString: try type(name).cDescriptor.pointee.name) == name)
  }
}
