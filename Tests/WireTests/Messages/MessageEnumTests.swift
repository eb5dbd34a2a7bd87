import Fixtures
import Testing
import Wire

@Suite("Enums of the schema") struct MessageEnumTests {
  @Test("Known values lead to their names and numbers and back")
  func names() {
    #expect(Color.enumName == "usher.fixtures.v1.Color")
    #expect(Color.knownValues == [.unspecified, .red, .darkBlue, .negative])
    for value in Color.knownValues {
      #expect(Color(rawValue: value.rawValue) == value)
      #expect(value.protoName.flatMap { Color(protoName: $0) } == value)
      #expect(value.shortName.flatMap { Color(protoName: $0) } == value)
    }
    #expect(Color.darkBlue.protoName == "COLOR_DARK_BLUE")
    #expect(Color.darkBlue.shortName == "DARK_BLUE")
  }

  @Test("A value that is not known has a number and no name")
  func unknown() {
    #expect(Color(rawValue: 99) == .unrecognized(99))
    #expect(Color.unrecognized(99).rawValue == 99)
    #expect(Color.unrecognized(99).protoName == nil)
    #expect(Color(protoName: "COLOR_PLAID") == nil)
  }

  @Test("However a value was written, the same number is the same value")
  func equality() {
    #expect(Color.unrecognized(1) == .red)
    #expect(Set([Color.unrecognized(1), .red]).count == 1)
    #expect(Verb.standard == .default)
    #expect(Verb(protoName: "VERB_DEFAULT") == .standard)
  }
}
