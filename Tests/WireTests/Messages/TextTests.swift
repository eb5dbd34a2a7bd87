import Fixtures
import Testing
import Wire

@Suite("Text in messages") struct TextTests {
  private static let notUTF8: [UInt8] = [0xc3, 0x28]
  private static let withNUL: [UInt8] = [0x61, 0, 0x62]

  /// A field that has a length.
  private func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    let tag = UInt16(number) << 3 | 2
    let tagBytes = tag < 128 ? [UInt8(tag)] : [UInt8(tag & 127) | 128, UInt8(tag >> 7)]
    return tagBytes + [UInt8(content.count)] + content
  }

  @Test(
    "What is not UTF-8 or holds a NUL is refused with its field",
    arguments: [notUTF8, withNUL]
  )
  func refused(text: [UInt8]) {
    #expect(throws: DecodeFailure.invalidText(field: "usher.fixtures.v1.Leaf.name")) {
      try Leaf(decoding: field(1, text))
    }
    #expect(throws: DecodeFailure.invalidText(field: "usher.fixtures.v1.Lists.strings")) {
      try Lists(decoding: field(14, Array("good".utf8)) + field(14, text))
    }
    #expect(throws: DecodeFailure.invalidText(field: "usher.fixtures.v1.Choice.text")) {
      try Choice(decoding: field(3, text))
    }
    #expect(throws: DecodeFailure.invalidText(field: "usher.fixtures.v1.Maps.TextsEntry.key")) {
      try Maps(decoding: field(1, field(1, text)))
    }
    #expect(throws: DecodeFailure.invalidText(field: "usher.fixtures.v1.Leaf.name")) {
      try Scalars(decoding: field(17, field(1, text)))
    }
  }

  @Test("Bytes may be anything", arguments: [notUTF8, withNUL])
  func bytes(content: [UInt8]) throws {
    #expect(try Scalars(decoding: field(15, content)).someBytes == content)
  }

  @Test(
    "What looks like UTF-8 and is not is refused",
    arguments: [
      [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff], [0xe2, 0x82], [0x80],
    ] as [[UInt8]]
  )
  func almostUTF8(text: [UInt8]) {
    #expect(throws: DecodeFailure.self) { try Leaf(decoding: field(1, text)) }
  }

  @Test("Text of every length comes back as it went", arguments: [0, 1, 15, 16, 17, 4096])
  func lengths(count: Int) throws {
    let text = String(repeating: "é", count: count)
    #expect(try Leaf(decoding: Leaf(name: text).encoded()).name == text)
  }
}
