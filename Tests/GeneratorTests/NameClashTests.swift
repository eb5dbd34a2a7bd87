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

  @Test("A type that would hide one of Swift's is refused", arguments: ["Any", "String"])
  func hiding(name: String) throws {
    let problems = try TestSchema("message \(name) {}").problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.\(name): "
          + "would be the Swift type \(name), and so would one of Swift's"
      ]
    )
  }

  @Test("A type that something in the message hides is refused, nested or a oneof")
  func hidden() throws {
    let problems = try TestSchema(
      """
      message Plan { int32 a = 1; }
      message M { message In { message Plan {} } In.Plan a = 1; oneof plan { Plan b = 2; } }
      message N { message N { int32 a = 1; } message O { map<string, N> ns = 1; } }
      """
    ).problems()
    let hiding = problems.filter { $0.contains("hidden") }
    #expect(
      hiding == [
        "test/v1/test.proto: test.v1.M.b: its Swift type Plan is hidden by a Plan within a message",
        "test/v1/test.proto: test.v1.N.O.NsEntry.value: "
          + "its Swift type N.N is hidden by a N within a message",
      ]
    )
  }

  @Test("A file without a package is refused: C's types would be called as Swift's are")
  func noPackage() throws {
    let problems = try TestSchema(["test/a.proto": "syntax = \"proto3\"; message A {}"]).problems()
    #expect(
      problems == [
        "test/a.proto: a: without a package its types are called alike in C and in Swift"
      ]
    )
  }

  @Test("A field that C's compilers take for a number is refused", arguments: ["linux", "unix"])
  func macros(name: String) throws {
    let problems = try TestSchema("message M { int32 \(name) = 1; }").problems()
    #expect(
      problems == [
        "test/v1/test.proto: test.v1.M.\(name): "
          + "C compilers on Linux put a number in place of this name"
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
