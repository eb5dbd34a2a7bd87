import Testing

@Suite("Names that would meet in Swift") struct NameClashTests {
  @Test("Two types of different packages with one name are refused, and both are named")
  func topLevel() throws {
    let problems = try TestSchema([
      "test/a.proto": "syntax = \"proto3\"; package test.a; message Seat {}",
      "test/b.proto": "syntax = \"proto3\"; package test.b; enum Seat { X = 0; }",
    ]).problems()
    #expect(
      problems == [
        "test/b.proto: test.b.Seat: would be the Swift type Seat, and so would test.a.Seat"
      ]
    )
  }

  @Test("A message that is called like a service's client is refused")
  func serviceNames() throws {
    let problems = try TestSchema("message DoorClient {} service DoorService {}").problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.DoorService: "
          + "would be the Swift type DoorClient, and so would test.v1.DoorClient"
      ]
    )
  }

  @Test("A field and a oneof that differ only in how they are put together are refused")
  func fields() throws {
    let problems = try TestSchema("message M { int32 userID = 1; oneof user_id { int32 a = 2; } }")
      .problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.M.user_id: "
          + "would be the Swift property userID, and so would test.v1.M.userID"
      ]
    )
  }

  @Test("A oneof that is called like a nested type is refused")
  func oneofs() throws {
    let problems = try TestSchema(
      "message M { message What {} oneof what { int32 a = 1; What b = 2; } }"
    ).problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.M.what: "
          + "would be the Swift type What, and so would test.v1.M.What"
      ]
    )
  }

  @Test("An enum's value that is called like what every enum has is refused")
  func enumValues() throws {
    let problems = try TestSchema("enum E { E_A = 0; E_UNRECOGNIZED = 1; }").problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.E.E_UNRECOGNIZED: "
          + "would be the Swift case unrecognized, and so would what every enum has"
      ]
    )
  }

  @Test("A type that would hide one of Swift's is refused")
  func hiding() throws {
    let problems = try TestSchema("message String {}").problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.String: "
          + "would be the Swift type String, and so would one of Swift's"
      ]
    )
  }

  @Test("Files that would get the same name are refused")
  func files() throws {
    let problems = try TestSchema([
      "test/a/door.proto": "syntax = \"proto3\"; package test.a; message A {}",
      "test/b/door.proto": "syntax = \"proto3\"; package test.b; message B {}",
    ]).problems()
    #expect(
      problems == [
        "test/b/door.proto: test/b/door.proto: "
          + "would be the Swift file Door, and so would test/a/door.proto"
      ]
    )
  }
}
