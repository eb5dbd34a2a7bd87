import GeneratorCore
import Testing

@Suite("What is generated") struct OutputTests {
  @Test(
    "Comments become documentation, before and behind alike; without one a neutral sentence does"
  )
  func comments() throws {
    let source = try TestSchema(
      """
      // Someone's place.
      message Place {
        // How many stand before it.
        uint32 ahead = 1;  // Exactly.
        uint32 behind = 2;
      }
      """
    ).generated("Test.swift")
    #expect(source.contains("/// Someone's place.\npublic struct Place: Message {"))
    #expect(source.contains("  /// How many stand before it.\n  ///\n  /// Exactly.\n"))
    #expect(source.contains("  /// The field `behind`.\n  public var behind: UInt32 = 0"))
  }

  @Test("Which field of a oneof is set stands in C where protoc-c puts it, humps or none")
  func oneofs() throws {
    let source = try TestSchema(
      "message M { oneof payWith { int32 a = 1; } oneof pay_by { int32 b = 2; } }"
    ).generated("Test.swift")
    #expect(source.contains("c.pointee.pay_with_case"))
    #expect(source.contains("c.pointee.pay_by_case"))
  }

  @Test("A method that answers at once has a requirement that cannot wait")
  func atOnceMethods() throws {
    let source = try TestSchema(
      """
      \(importOptions)
      message M {}
      service S {
        rpc Peek(M) returns (M) { \(atOnce) option idempotency_level = NO_SIDE_EFFECTS; }
        rpc Put(M) returns (M);
      }
      """
    ).generated("SService.swift")
    #expect(source.contains("routes.atOnce(SMethods.peek)"))
    #expect(source.contains("  ) throws -> Reply<M>"))
    #expect(source.contains("effects: .none,\n    isAtOnce: true"))
    #expect(source.contains("routes.unary(SMethods.put)"))
    #expect(source.contains("  ) async throws -> Reply<M>"))
    #expect(source.contains("effects: .some,\n    isAtOnce: false"))
  }

  @Test("at_once = false is the same as nothing")
  func notAtOnce() throws {
    let source = try TestSchema(
      """
      \(importOptions)
      message M {}
      service S { rpc Put(M) returns (M) { option (usher.rpc.v1.at_once) = false; } }
      """
    ).generated("SService.swift")
    #expect(source.contains("isAtOnce: false"))
  }

  @Test("The header beside protoc-c's gives the address of every descriptor, entries of maps too")
  func header() throws {
    let header = try TestSchema("message SeatMap { map<string, int32> rows = 1; }")
      .generated("test/v1/test.usher.h")
    #expect(header.contains("#include \"test/v1/test.pb-c.h\""))
    #expect(header.contains("return &test__v1__seat_map__descriptor;"))
    #expect(header.contains("return &test__v1__seat_map__rows_entry__descriptor;"))
  }

  @Test("The same schema gives the same files, in the same order")
  func deterministic() throws {
    let schema = try TestSchema("message A { map<string, int32> a = 1; } message B {}").schema()
    let first = Generator(schema, cModule: "C").files()
    #expect(first == Generator(schema, cModule: "C").files())
    #expect(first.map(\.path) == ["test/v1/test.usher.h", "Test.swift", "MessageTypes.swift"])
  }

  @Test("No line of Swift is broken off, whatever the length of a comment")
  func longComments() throws {
    let words = String(repeating: "word ", count: 60)
    let source = try TestSchema("// \(words)\nmessage M {}").generated("Test.swift")
    #expect(source.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(source.split(separator: "word").count == 61)
  }
}
