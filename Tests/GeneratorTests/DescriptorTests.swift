import Descriptors
import GeneratorCore
import Testing

@Suite("What is done to descriptors") struct DescriptorTests {
  private static let text = """
    \(importOptions)
    // Kept.
    message M {
      string name = 1;
      repeated string names = 2;
      map<string, M.N> map = 3;
      message N { string inner = 1; }
    }
    service S { rpc Go(M) returns (M) { \(atOnce) } }
    """

  @Test("protoc-c sees bytes for strings, entries for maps, and nothing of our options")
  func rewriting() throws {
    let set = try UnpackedSet(set: TestSchema(Self.text).set)
    set.rewriteForC()
    let schema = Schema(try UnpackedSet(set: set.packed())) { _ in true }
    let file = try #require(schema.files.first)
    #expect(schema.files.map(\.path) == ["test/v1/test.proto"])
    #expect(file.services.isEmpty)
    let fields = file.allMessages.flatMap(\.fields)
    #expect(fields.allSatisfy { $0.type != .string })
    #expect(fields.filter { $0.type == .bytes }.map(\.name) == ["name", "names", "key", "inner"])
    #expect(file.allMessages.allSatisfy { !$0.isMapEntry })
  }

  @Test("The embedded schema keeps comments and options, and is far smaller than protoc's")
  func embedding() throws {
    let original = try TestSchema(Self.text)
    let set = try UnpackedSet(set: original.set)
    set.keepOnlyComments()
    let packed = set.packed()
    #expect(packed.count < original.set.count / 2)
    let schema = Schema(try UnpackedSet(set: packed)) { $0.hasPrefix("test/") }
    #expect(schema.generated.first?.messages.first?.comment == "Kept.")
    #expect(schema.generated.first?.services.first?.methods.first?.isAtOnce == true)
  }

  @Test("Bytes become a constant of C with its size")
  func constant() {
    let bytes = EmbeddedBytes("some_schema", [UInt8](0..<30))
    #expect(bytes.header.contains("some_schema_bytes[30];"))
    let source = bytes.source(including: "schema.h")
    #expect(source.contains("#include \"schema.h\""))
    #expect(source.contains("  0,1,2,"))
    #expect(source.contains("  24,25,26,27,28,29,\n};\n"))
  }

  @Test("Bytes that are no descriptors are refused")
  func unreadable() {
    #expect(throws: Unreadable.self) { _ = try UnpackedSet(set: [0xff, 0xff]) }
    #expect(throws: Unreadable.self) { try Plugin.response(to: [0xff, 0xff]) }
  }
}
