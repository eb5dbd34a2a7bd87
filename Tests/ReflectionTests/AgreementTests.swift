import CProtobufC
import Fixtures
import Reflection
import TestSupport
import Testing
import UsherAPI
import Wire

@Suite("JSON and encodings by description alone") struct AgreementTests {
  private static let fixtures = [
    ("choice_nothing", "Choice"), ("choice_zero", "Choice"), ("lists", "Lists"), ("maps", "Maps"),
    ("outer", "Outer"), ("scalars", "Scalars"), ("unpacked_lists", "UnpackedLists"),
    ("words", "Words"),
  ]

  @Test("What protoc encodes is the JSON that protobuf's Python writes", arguments: fixtures)
  func decoding(name: String, type: String) throws {
    let decoded = try Catalogs.codec(type).decode(encodedFixture(name))
    #expect(decoded.unknownFields.isEmpty)
    #expect(try Meaning(decoded.json) == Meaning(fixtureFile("JSON/\(name).json")))
  }

  @Test("So it is with every field that has a default", arguments: fixtures)
  func decodingAll(name: String, type: String) throws {
    for isSpread in [false, true] {
      let decoded = try Catalogs.codec(type)
        .decode(encodedFixture(name), allFields: true, isSpread: isSpread)
      #expect(try Meaning(decoded.json) == Meaning(fixtureFile("JSON/\(name).all.json")))
    }
  }

  @Test("JSON that protobuf's Python writes is what protoc encodes", arguments: fixtures)
  func encoding(name: String, type: String) throws {
    for ending in ["json", "all.json"] {
      let bytes = try Catalogs.codec(type).encode(fixtureFile("JSON/\(name).\(ending)"))
      let wanted = try encodedFixture(name)
      if type == "UnpackedLists" {
        // Lists are packed here whatever the schema says; readers have to take both.
        #expect(try UnpackedLists(decoding: bytes) == UnpackedLists(decoding: wanted))
      } else if name == "maps" {
        // Entries keep the order that they had in JSON.
        #expect(try Maps(decoding: bytes) == Maps(decoding: wanted))
      } else {
        #expect(bytes == wanted)
      }
    }
  }

  private static let types: [any Message.Type] =
    UsherAPI.MessageTypes.all + Fixtures.MessageTypes.all
  private static let names = types.map { $0.messageName }

  private func codec(_ name: String) throws -> MessageCodec {
    let catalog = name.hasPrefix("usher.fixtures.") ? Catalogs.fixtures : Catalogs.usher
    return try #require(MessageCodec(name, in: try catalog.get()))
  }

  @Test("Every message becomes JSON and again the same message", arguments: names)
  func roundTrip(name: String) throws {
    func check<M: Message>(_: M.Type, seed: UInt64) throws {
      var random = RandomMessage(seed: seed)
      let bytes = random.bytes(M.cDescriptor.pointee)
      let codec = try codec(name)
      for allFields in [false, true] {
        let json = try codec.decode(bytes, allFields: allFields, isSpread: allFields).json
        let encoded = try codec.encode(json)
        #expect(try M(decoding: encoded) == M(decoding: bytes), "seed \(seed): \(json)")
        if M.self != UnpackedLists.self { #expect(encoded == bytes, "seed \(seed): \(json)") }
      }
    }
    let type = try #require(Self.types.first { $0.messageName == name })
    for seed in 0..<30 as Range<UInt64> { try check(type, seed: seed) }
  }

  @Test("Every bit of a floating number is kept, and one NaN is as good as another")
  func floatingNumbers() throws {
    var random = SeededGenerator(seed: 3)
    let doubles =
      [
        0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
        1e16,
        1e-7, 0.1,
      ] + (0..<500).map { _ in Double(bitPattern: random.next()) }
    let floats =
      [
        0, -0.0, Float.infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
        0.1,
      ] + (0..<500).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
    let codec = try Catalogs.codec("Lists")
    let json = try codec.decode(Lists(doubles: doubles, floats: floats).encoded()).json
    let lists = try Lists(decoding: codec.encode(json))
    #expect(lists.doubles.map(Self.bits) == doubles.map(Self.bits))
    #expect(lists.floats.map(Self.bits) == floats.map(Self.bits))
  }

  private static func bits(_ number: Double) -> UInt64 { (number.isNaN ? .nan : number).bitPattern }
  private static func bits(_ number: Float) -> UInt32 { (number.isNaN ? .nan : number).bitPattern }

  @Test("Fields that the schema does not know are told, and the rest is read")
  func unknownFields() throws {
    let later = LaterLeaf(name: "oak", added: "new", leaf: Leaf(name: "x"))
    let outer =
      Scalars(aBool: true).encoded() + [0x8a, 0x01, UInt8(later.encoded().count)]
      + later.encoded()
    let decoded = try Catalogs.codec("Scalars").decode(outer)
    #expect(decoded.json == #"{"a_bool":true,"leaf":{"name":"oak"}}"#)
    #expect(decoded.unknownFields == ["leaf: field 3", "leaf: field 5"])
  }

  @Test("Values that came in parts are put together as protobuf-c does it")
  func parts() throws {
    let bytes =
      Scalars(aString: "first", leaf: Leaf(name: "oak")).encoded()
      + Scalars(aString: "last", leaf: Leaf(weight: 3)).encoded()
    let decoded = try Catalogs.codec("Scalars").decode(bytes)
    #expect(decoded.json == #"{"a_string":"last","leaf":{"name":"oak","weight":3}}"#)
    let choices = Choice(what: .number(1)).encoded() + Choice(what: .text("t")).encoded()
    #expect(try Catalogs.codec("Choice").decode(choices).json == #"{"text":"t"}"#)
    let maps =
      Maps(texts: ["a": "1"]).encoded() + Maps(texts: ["b": "2"]).encoded()
      + Maps(texts: ["a": "3"]).encoded()
    #expect(try Catalogs.codec("Maps").decode(maps).json == #"{"texts":{"a":"3","b":"2"}}"#)
    // An entry without key and value.
    #expect(try Catalogs.codec("Maps").decode([0x12, 0]).json == #"{"leaves":{"0":{}}}"#)
  }
}
