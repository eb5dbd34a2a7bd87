import Fixtures
import Reflection
import TestSupport
import Testing
import UsherAPI
import Wire

/// A trap would end the tests.
@Suite("Damaged input is read or refused") struct DamageTests {
  private static let names = [
    ("choice_nothing", "Choice"), ("lists", "Lists"), ("maps", "Maps"), ("outer", "Outer"),
    ("scalars", "Scalars"), ("words", "Words"),
  ]

  private func damaged(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard let index = bytes.indices.randomElement(using: &random) else { break }
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[index] = .random(in: 0...255, using: &random)
      case 1: bytes.remove(at: index)
      case 2: bytes.insert(bytes.randomElement(using: &random) ?? 0, at: index)
      case 3: bytes.removeSubrange(index...)
      default: bytes.insert(contentsOf: bytes[index...].prefix(20), at: index)
      }
    }
    return bytes
  }

  @Test("as JSON: what is read is written and read again as the same", arguments: names)
  func json(name: String, type: String) throws {
    let codec = try Catalogs.codec(type)
    let original = Array(try fixtureFile("JSON/\(name).json").utf8)
    var random = SeededGenerator(seed: 11)
    var readCount = 0
    for _ in 0..<1500 {
      let json = damaged(original, &random)
      do throws(CodecFailure) {
        let bytes = try codec.encode(json: json)
        let again = try codec.encode(codec.decode(bytes).json)
        if bytes != again {
          Issue.record("\(String(decoding: json, as: UTF8.self)): \(bytes) became \(again)")
        }
        readCount += 1
      } catch {
        if error.reason.isEmpty { Issue.record("a failure without a reason") }
      }
    }
    #expect(readCount > 0)
  }

  @Test("as bytes: what both codecs read, they read alike", arguments: names)
  func bytes(name: String, type: String) throws {
    func check<M: Message>(_: M.Type) throws {
      let codec = try Catalogs.codec(type)
      let original = try encodedFixture(name)
      var random = SeededGenerator(seed: 12)
      var readCount = 0
      for _ in 0..<1500 {
        let bytes = damaged(original, &random)
        let generated = try? M(decoding: bytes)  // refused is one of the two outcomes
        do {
          let json = try codec.decode(bytes).json
          let again = try codec.encode(json)
          guard let generated else { continue }
          readCount += 1
          if try M(decoding: again).encoded() != generated.encoded() {
            Issue.record("\(bytes) became \(json)")
          }
        } catch is CodecFailure {
          // Refused, which is the other good outcome.
        }
      }
      #expect(readCount > 0)
    }
    let name = "usher.fixtures.v1.\(type)"
    let message = try #require(Fixtures.MessageTypes.all.first { $0.messageName == name })
    try check(message)
  }
}
