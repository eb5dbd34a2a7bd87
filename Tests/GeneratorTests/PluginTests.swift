import GeneratorCore
import Testing

@Suite("The plugin's answers to protoc") struct PluginTests {
  /// A CodeGeneratorRequest: `file_to_generate` is field 1, `parameter` 2, `proto_file` 15.
  private func request(_ parameter: String, _ schema: TestSchema) -> [UInt8] {
    field(1, Array("test/v1/test.proto".utf8)) + field(2, Array(parameter.utf8))
      + files(of: schema.set).flatMap { field(15, $0) }
  }

  private func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(content.count & 127) | 128, UInt8(content.count >> 7)] + content
  }

  /// The files of a FileDescriptorSet, of which each is field 1.
  private func files(of set: [UInt8]) -> [[UInt8]] {
    var rest = set[...]
    var files: [[UInt8]] = []
    while rest.popFirst() != nil {
      var length = 0
      var shift = 0
      while let byte = rest.popFirst() {
        length |= Int(byte & 127) << shift
        shift += 7
        if byte < 128 { break }
      }
      files.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return files
  }

  private func answer(_ parameter: String, _ body: String) throws -> String {
    let response = try Plugin.response(to: request(parameter, TestSchema(body)))
    return String(decoding: response, as: UTF8.self)
  }

  @Test("A good schema is answered with its files")
  func files() throws {
    let answer = try answer("c_module=CTest", "message Seat { uint32 number = 1; }")
    #expect(answer.contains("Test.swift"))
    #expect(answer.contains("import CTest\n"))
    #expect(answer.contains("public struct Seat: Message"))
  }

  @Test("A bad schema is answered with its problems alone")
  func problems() throws {
    let answer = try answer("c_module=CTest", "message Seat { optional uint32 number = 1; }")
    #expect(answer.contains("test.v1.Seat.number: proto3 optional"))
    #expect(!answer.contains("struct"))
  }

  @Test("Without the C module's name it says how to give it")
  func parameter() throws {
    #expect(try answer("", "message Seat {}").contains("--usher_opt=c_module=NAME"))
  }
}
