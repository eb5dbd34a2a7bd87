import Reflection
import Testing
import UsherCommand

@Suite("usher describe") struct DescribeCommandTests {
  private func describe(_ arguments: String...) async -> [String] {
    let transcript = Transcript()
    let code = await transcript.run(["describe"] + arguments, catalog: Schemas.fixtures)
    #expect(code == .done)
    return transcript.answers
  }

  @Test("Everything, in short") func all() async {
    #expect(
      await describe() == [
        "usher.fixtures.v1.CallService",
        "  Peek     unary, only reads, at once",
        "  Put      unary, may be repeated",
        "  Default  unary, changes something",
        "  Gather   client streaming, changes something",
        "  Scatter  server streaming, changes something",
        "  Echo     bidirectional, changes something",
        "",
        "usher describe NAME tells more of a service, method, message or enum.",
      ]
    )
  }

  @Test("A service with its methods, a method with its messages") func services() async {
    let service = await describe("CallService")
    #expect(
      service.prefix(5) == [
        "service usher.fixtures.v1.CallService", "  Every kind of call.", "",
        "  Peek     Leaf → Scalars                   unary, only reads, at once           Answers from memory.",
        "  Put      Leaf → Leaf                      unary, may be repeated",
      ]
    )
    #expect(
      await describe("call/echo") == [
        "method usher.fixtures.v1.CallService/Echo",
        "  takes  a stream of usher.fixtures.v1.Leaf",
        "  gives  a stream of usher.fixtures.v1.Leaf",
        "  and    bidirectional, changes something",
        "",
        "message usher.fixtures.v1.Leaf",
        "  1  name    string",
        "  2  weight  uint32",
      ]
    )
    let asked = Transcript()
    let code = await asked.run(["call", "--describe", "call/echo"], catalog: Schemas.fixtures)
    #expect(code == .done)
    #expect(await asked.answers == describe("call/echo"))
  }

  @Test("A message with its fields and what they are about") func messages() async {
    let scalars = await describe("Scalars")
    #expect(
      scalars.prefix(3) == [
        "message usher.fixtures.v1.Scalars", "  One field of every scalar type.", "",
      ]
    )
    #expect(scalars.last == "  17  leaf         Leaf      a submessage may be absent")
    #expect(await describe("Maps").contains("  2  leaves   map of int32 to Leaf"))
    let choice = await describe("Choice")
    #expect(choice.contains("  2   number    int32, one of what"))
    #expect(choice.last == "  one of what: One of these, or none.")
    #expect(await describe("Nothing") == ["message usher.fixtures.v1.Nothing", "  no fields"])
    #expect(await describe("Outer").contains("  2  inners  list of Outer.Middle.Inner"))
  }

  @Test("An enum with its values") func enums() async {
    #expect(
      await describe("Color") == [
        "enum usher.fixtures.v1.Color",
        "  0   COLOR_UNSPECIFIED",
        "  1   COLOR_RED",
        "  2   COLOR_DARK_BLUE    with two words",
        "  -3  COLOR_NEGATIVE",
      ]
    )
  }

  @Test("In JSON it is all there") func json() async {
    #expect(
      await describe("Color", "--json") == [
        """
        {"kind":"enum","name":"usher.fixtures.v1.Color","comment":"","values":[\
        {"name":"COLOR_UNSPECIFIED","number":0,"comment":""},\
        {"name":"COLOR_RED","number":1,"comment":""},\
        {"name":"COLOR_DARK_BLUE","number":2,"comment":"with two words"},\
        {"name":"COLOR_NEGATIVE","number":-3,"comment":""}]}
        """
      ]
    )
    #expect(
      await describe("Peek", "--json") == [
        """
        {"kind":"method","name":"usher.fixtures.v1.CallService/Peek",\
        "comment":"Answers from memory.","calls":"unary","request":"usher.fixtures.v1.Leaf",\
        "response":"usher.fixtures.v1.Scalars","effects":"none","at_once":true}
        """
      ]
    )
    let everything = await describe("--json").first ?? ""
    #expect(
      everything.contains(#""name":"leaves","number":2,"key_type":"int32","type":"usher.fixt"#)
    )
    #expect(everything.contains(#""name":"text","number":3,"type":"string","one_of":"what""#))
    #expect(everything.contains(#""name":"blobs","number":15,"type":"bytes","is_list":true"#))
    #expect(
      await describe("CallService", "--json").first?.contains("\"Every kind of call.\"") == true
    )
  }

  @Test("A name that means nothing is a mistake") func unknown() async {
    let transcript = Transcript()
    let code = await transcript.run(["describe", "Lef"], catalog: Schemas.fixtures)
    #expect(code == .usage)
    #expect(
      transcript.remarks.first == """
        usher: there is no service, method, message or enum "Lef"; \
        a similar one exists: usher.fixtures.v1.Leaf
        """
    )
  }
}
