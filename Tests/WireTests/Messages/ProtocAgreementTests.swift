import Fixtures
import Testing
import Wire

/// The same values, said in Swift and said to protoc.
@Suite("What protoc encodes is what we encode") struct ProtocAgreementTests {
  private func expectAgreement<M: Message>(_ name: String, _ value: M) throws {
    let bytes = try encodedFixture(name)
    #expect(try M(decoding: bytes) == value)
    #expect(value.encoded() == bytes)
  }

  @Test("Every scalar type, at its edges")
  func scalars() throws {
    try expectAgreement(
      "scalars",
      Scalars(
        aDouble: -1.5,
        aFloat: 0.1,
        anInt32: .min,
        anInt64: .min,
        aUint32: .max,
        aUint64: .max,
        aSint32: .min,
        aSint64: -1,
        aFixed32: .max,
        aFixed64: 1,
        anSfixed32: -2,
        anSfixed64: .min,
        aBool: true,
        aString: "Grüße, 🎫",
        someBytes: [0, 0xff, 0x80],
        color: .negative,
        leaf: Leaf(name: "oak", weight: 7)
      )
    )
  }

  @Test("Lists of every type, packed where they can be, with a value nobody knows")
  func lists() throws {
    try expectAgreement(
      "lists",
      Lists(
        doubles: [1.5, -2, 0],
        floats: [0, 3.25],
        int32s: [0, -1, 300],
        int64s: [1, .min],
        uint32s: [0, .max],
        uint64s: [.max],
        sint32s: [-1, 1, .min],
        sint64s: [.max, -2],
        fixed32s: [1, 2],
        fixed64s: [3],
        sfixed32s: [-4, 5],
        sfixed64s: [-6],
        bools: [true, false, true],
        strings: ["", "a", "ß"],
        blobs: [[], [0]],
        colors: [.red, .unspecified, .negative, .unrecognized(77)],
        leaves: [Leaf(), Leaf(name: "elm")]
      )
    )
  }

  @Test("Lists that are not packed")
  func unpackedLists() throws {
    try expectAgreement(
      "unpacked_lists",
      UnpackedLists(
        doubles: [1.5, -2, 0],
        floats: [0, 3.25],
        int32s: [0, -1, 300],
        sint64s: [.max, -2],
        fixed32s: [1, 2],
        bools: [true, false, true],
        colors: [.red, .unspecified]
      )
    )
  }

  @Test("Maps, sorted by key")
  func maps() throws {
    try expectAgreement(
      "maps",
      Maps(
        texts: ["a": "one", "b": "two"],
        leaves: [5: Leaf(name: "fir"), -5: Leaf(name: "yew", weight: 1)],
        colors: [true: .darkBlue],
        blobs: [.max: [0, 1]],
        doubles: ["pi": 3.25],
        truths: [-1: true]
      )
    )
  }

  @Test("A choice is there even where its value is empty or zero")
  func choices() throws {
    try expectAgreement(
      "choice_nothing",
      Choice(before: "b", what: .nothing(Nothing()), otherChoice: .smallID(""), after: "a")
    )
    try expectAgreement("choice_zero", Choice(what: .number(0), otherChoice: .bigID(0)))
  }

  @Test("Nested types")
  func nested() throws {
    try expectAgreement(
      "outer",
      Outer(
        middle: Outer.Middle(
          inner: Outer.Middle.Inner(id: "i"),
          side: .right,
          sides: [.right, .left]
        ),
        inners: [Outer.Middle.Inner(), Outer.Middle.Inner(id: "j")],
        side: .right
      )
    )
  }

  @Test("Names that are words of Swift or C")
  func words() throws {
    try expectAgreement(
      "words",
      Words(
        self_: "s",
        default: true,
        in: -1,
        init_: "i",
        func: "f",
        switch: ["x", "y"],
        class: Leaf(name: "c"),
        hashValue_: 8,
        userID: 9,
        userIDs: ["u"],
        holdTTLMs: 11,
        camelCase: "c",
        arena: "a",
        unpacked: "u",
        message: "m",
        operator: .import(.standard),
        register: ["k": "v"],
        c: "c",
        value: "v",
        map: "m"
      )
    )
  }

  @Test("Packed lists are read where unpacked ones are expected, and the other way round")
  func mixedPacking() throws {
    let packed = try Lists(decoding: encodedFixture("unpacked_lists"))
    let unpacked = try UnpackedLists(decoding: packed.encoded())
    #expect(unpacked == (try UnpackedLists(decoding: encodedFixture("unpacked_lists"))))
    #expect(packed.int32s == unpacked.int32s)
  }
}
