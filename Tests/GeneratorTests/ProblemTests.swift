import Testing

@Suite("What the generator refuses") struct ProblemTests {
  @Test("proto2 is refused, and with it required fields and groups")
  func proto2() throws {
    let problems = try TestSchema(
      "message M { required int32 a = 1; optional group G = 2 { optional int32 x = 1; } }",
      syntax: "proto2"
    ).problems()
    #expect(problems.contains("test/v1/test.proto: proto2: only proto3 is understood"))
    #expect(
      problems.contains("test/v1/test.proto: test.v1.M.a: required fields are not supported")
    )
    #expect(problems.contains("test/v1/test.proto: test.v1.M.g: groups are not supported"))
  }

  @Test("An optional field of proto3 is refused by its name")
  func proto3Optional() throws {
    let problems = try TestSchema("message M { optional int32 a = 1; }").problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.M.a: proto3 optional is not supported by protobuf-c"
      ]
    )
  }

  @Test("A recursive message is refused once, with its whole cycle")
  func recursion() throws {
    let problems = try TestSchema(
      """
      message Start { A a = 1; }
      message A { repeated B b = 1; }
      message B { map<string, C> c = 1; }
      message C { oneof x { A a = 1; } }
      """
    ).problems()
    let cycle =
      "test.v1.A.b -> test.v1.B.c -> test.v1.B.CEntry.value -> test.v1.C.a -> test.v1.A"
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.Start: the message is recursive: \(cycle)"
      ]
    )
  }

  @Test("A message that holds itself is refused")
  func selfRecursion() throws {
    let problems = try TestSchema("message A { A a = 1; message B { int32 x = 1; } B b = 2; }")
      .problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.A: the message is recursive: test.v1.A.a -> test.v1.A"
      ]
    )
  }

  @Test("Messages that share a part without a cycle are accepted")
  func sharing() throws {
    let problems = try TestSchema(
      "message A { B b = 1; C c = 2; } message B { C c = 1; } message C { int32 x = 1; }"
    ).problems()
    #expect(problems.isEmpty)
  }

  @Test("At once is refused where anything streams", arguments: ["stream ", ""])
  func atOnceStreaming(request: String) throws {
    let response = request.isEmpty ? "stream " : ""
    let problems = try TestSchema(
      """
      \(importOptions)
      message M {}
      service S { rpc Go(\(request)M) returns (\(response)M) { \(atOnce) } }
      """
    ).problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.S.Go: "
          + "at_once is for methods with one request and one response"
      ]
    )
  }

  @Test("A type that is imported but not generated is refused")
  func foreignType() throws {
    let problems = try TestSchema(
      """
      import "google/protobuf/timestamp.proto";
      message M { google.protobuf.Timestamp at = 1; }
      """
    ).problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.M.at: "
          + "no code is generated for its type, google.protobuf.Timestamp"
      ]
    )
  }

  @Test("A field that protobuf-c has no room for is refused")
  func baseField() throws {
    let problems = try TestSchema("message M { int32 base = 1; }").problems()
    #expect(
      problems == ["test/v1/test.proto: test.v1.M.base: protobuf-c keeps the name base for itself"]
    )
  }
}
