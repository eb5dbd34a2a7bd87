import Fixtures
import Testing
import Wire

@Suite("Messages of other versions") struct EvolutionTests {
  @Test("Fields that this side does not know are passed over")
  func unknownFields() throws {
    let later = LaterLeaf(
      name: "oak",
      weight: 3,
      added: "new",
      more: [1, 2],
      leaf: Leaf(name: "elm")
    )
    #expect(try Leaf(decoding: later.encoded()) == Leaf(name: "oak", weight: 3))
  }

  @Test("Fields that the other side did not know are at their defaults")
  func missingFields() throws {
    let leaf = Leaf(name: "oak", weight: 3)
    #expect(try LaterLeaf(decoding: leaf.encoded()) == LaterLeaf(name: "oak", weight: 3))
  }

  @Test("A value that this side does not know is kept", arguments: [3, 4711, .max, .min, -1])
  func unknownValues(number: Int32) throws {
    let scalars = Scalars(color: .unrecognized(number))
    #expect(try Scalars(decoding: scalars.encoded()).color == .unrecognized(number))
    let choice = Choice(what: .color(.unrecognized(number)))
    #expect(try Choice(decoding: choice.encoded()) == choice)
    let lists = Lists(colors: [.red, .unrecognized(number)])
    #expect(try Lists(decoding: lists.encoded()) == lists)
  }

  @Test("An empty message has no bytes, and no bytes are an empty message")
  func empty() throws {
    #expect(Scalars().encoded().isEmpty)
    #expect(try Scalars(decoding: []) == Scalars())
    #expect(try Nothing(decoding: []) == Nothing())
  }

  @Test("An absent submessage and an empty one are told apart")
  func absence() throws {
    #expect(try Scalars(decoding: Scalars(leaf: Leaf()).encoded()).leaf == Leaf())
    #expect(try Scalars(decoding: Scalars(leaf: nil).encoded()).leaf == nil)
  }

  @Test("Of a choice that was sent twice the last is taken")
  func choiceTwice() throws {
    let bytes = Choice(what: .text("first")).encoded() + Choice(what: .number(2)).encoded()
    #expect(try Choice(decoding: bytes).what == .number(2))
  }

  @Test("A map's entry without key or value has their defaults")
  func emptyEntries() throws {
    // Field 2, an entry of no bytes.
    #expect(try Maps(decoding: [0x12, 0x00]).leaves == [0: Leaf()])
    let defaults = Maps(texts: ["": ""], colors: [false: .unspecified])
    #expect(try Maps(decoding: defaults.encoded()) == defaults)
  }
}
