import CProtobufC
import Fixtures
import Testing
import Wire

@Suite("Messages of a type that is not known") struct EncodedMessageTests {
  private static let names = [
    "choice_nothing", "choice_zero", "lists", "maps", "outer", "scalars", "unpacked_lists",
    "words",
  ]

  @Test("The bytes come back as they went, and in their order", arguments: names)
  func roundTrip(name: String) throws {
    let bytes = try encodedFixture(name)
    #expect(try EncodedMessage(bytes).encoded() == bytes)
    #expect(try EncodedMessage(decoding: bytes).bytes == bytes)
    // Last of all first, as no writer would have it.
    let turned = try EncodedMessage([0x7a, 1, 9, 0x08, 1, 0x7a, 0])
    #expect(turned.encoded() == turned.bytes)
  }

  @Test("What protobuf-c unpacks without knowing the type is the message", arguments: names)
  func unpacking(name: String) throws {
    let bytes = try encodedFixture(name)
    let arena = Arena()
    let message = try bytes.withUnsafeBytes {
      try EncodedMessage(unpacked: arena.unpack($0, as: EncodedMessage.cDescriptor))
    }
    #expect(message.bytes == bytes)
  }

  @Test("Its type can be told later")
  func knownLater() throws {
    let leaf = Leaf(name: "oak", weight: 7)
    #expect(try Leaf(decoding: EncodedMessage(leaf.encoded()).encoded()) == leaf)
    #expect(EncodedMessage().encoded() == Leaf().encoded())
  }

  @Test(
    "Bytes that are no fields are refused",
    arguments: [
      [0x08], [0x08, 0x80], [0x0a, 2, 1], [0x0d, 1, 2, 3], [0x09, 1], [0x0b, 0x0c], [0x0f],
      [0x00, 1], [0x80, 0x80, 0x80, 0x80, 0x10, 1],
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [UInt8](repeating: 0xff, count: 11),
    ] as [[UInt8]]
  )
  func malformed(bytes: [UInt8]) {
    #expect(throws: DecodeFailure.malformed) { try EncodedMessage(bytes) }
    #expect(throws: DecodeFailure.malformed) { try EncodedMessage(decoding: bytes) }
  }
}
