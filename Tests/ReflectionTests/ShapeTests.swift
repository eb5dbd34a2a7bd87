import Reflection
import TestSupport
import Testing

/// A schema that the generator would refuse, and protoc would not.
@Suite("Messages that can hold themselves") struct ShapeTests {
  /// The catalog of `message Tree { repeated Tree kids = 1; map<int32, Tree> more = 2; }`, from a
  /// descriptor put together by hand.
  private func trees() throws -> Catalog {
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(content.count)] + content
    }
    func described(_ name: String, _ number: UInt8, label: UInt8, type: [UInt8]) -> [UInt8] {
      field(1, Array(name.utf8)) + [3 << 3, number, 4 << 3, label] + type
    }
    func message(_ name: String) -> [UInt8] { [5 << 3, 11] + field(6, Array(name.utf8)) }
    let entry =
      field(1, Array("MoreEntry".utf8))
      + field(2, described("key", 1, label: 1, type: [5 << 3, 5]))
      + field(2, described("value", 2, label: 1, type: message(".t.Tree")))
      + field(7, [7 << 3, 1])
    let tree =
      field(1, Array("Tree".utf8))
      + field(2, described("kids", 1, label: 3, type: message(".t.Tree")))
      + field(2, described("more", 2, label: 3, type: message(".t.Tree.MoreEntry")))
      + [3 << 3 | 2, UInt8(entry.count)] + entry
    // The lengths from here on take two bytes.
    func long(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(content.count & 127) | 128, UInt8(content.count >> 7)] + content
    }
    let file =
      field(1, Array("t.proto".utf8)) + field(2, Array("t".utf8)) + long(4, tree)
      + field(12, Array("proto3".utf8))
    return try long(1, file).withUnsafeBytes { try Catalog(descriptorSet: $0) }
  }

  @Test("are read and written as deep as the limit allows, and no deeper")
  func depth() throws {
    let codec = try #require(MessageCodec("t.Tree", in: trees()))
    func nested(_ depth: Int) -> String {
      String(repeating: #"{"kids":["#, count: depth) + "{}" + String(repeating: "]}", count: depth)
    }
    // Each level is an object and a list.
    let bytes = try codec.encode(nested(49))
    #expect(try codec.decode(bytes).json == nested(49))
    #expect(throws: CodecFailure.self) { try codec.encode(nested(50)) }
    var deep: [UInt8] = []
    for _ in 0..<100_000 where deep.count < 120 { deep = [0x0a, UInt8(deep.count)] + deep }
    #expect(throws: Never.self) { try codec.decode(deep) }
    var deeper = deep
    for _ in 0..<100_000 {
      var length: [UInt8] = []
      var rest = deeper.count
      while rest > 127 {
        length.append(UInt8(rest & 127) | 128)
        rest >>= 7
      }
      deeper = [0x0a] + length + [UInt8(rest)] + deeper
      if deeper.count > 2_000 { break }
    }
    #expect(throws: CodecFailure.self) { try codec.decode(deeper) }
    var listing = MessageListing(try trees())
    listing.add(deeper, as: "t.Tree")
    #expect(listing.lines.contains { $0.hasSuffix("kids: nested too deep to be shown") })
  }

  @Test("have a template that ends")
  func template() throws {
    let codec = try #require(MessageCodec("t.Tree", in: trees()))
    let template = codec.template()
    #expect(
      try Meaning(template)
        == .object(["kids": .array([.object([:])]), "more": .object(["0": .object([:])])])
    )
    #expect(try codec.decode(codec.encode(template)).json == #"{"kids":[{}],"more":{"0":{}}}"#)
  }

  @Test("are listed without end, and damage is shown as it is")
  func listing() throws {
    let catalog = try trees()
    var random = SeededGenerator(seed: 21)
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        [0x0a, 0x12, 0x08, 0, 1, 2, 4, 8, 0xff].randomElement(using: &random) ?? 0 as UInt8
      }
      var listing = MessageListing(catalog)
      listing.add(bytes, as: "t.Tree")
      let shown = listing.lines.flatMap { $0.prefix(47).split(separator: " ") }
        .compactMap { UInt8($0, radix: 16) }
      #expect(shown == bytes)
    }
    var listing = MessageListing(catalog)
    listing.add([0x0a, 2, 0x0a, 0, 0x12, 2, 0x08, 5, 0x18, 1, 0xff], as: "t.Tree")
    #expect(
      listing.lines.map { $0.split(separator: "  ", maxSplits: 1).last.map(String.init) ?? "" }
        .map { $0.drop { $0 == " " } } == [
          "kids: t.Tree, 2 bytes", "kids: t.Tree, 0 bytes", "more: an entry, 2 bytes", "key: 5",
          "field 3, which the schema does not know", "not a field",
        ]
    )
  }
}
