import Descriptors
import Foundation
import GeneratorCore

/// What protoc makes of the text of one `.proto` file.
struct TestSchema {
  /// The serialized FileDescriptorSet, with comments and imports.
  let set: [UInt8]

  /// Compiles `body`, after a first line that says `syntax`. What the path names stands in the errors.
  init(_ body: String, syntax: String = "proto3", path: String = "test/v1/test.proto") throws {
    try self.init([path: "syntax = \"\(syntax)\"; package test.v1;\n" + body])
  }

  /// Compiles whole files, by their paths.
  init(_ files: [String: String]) throws {
    let manager = FileManager.default
    let root = manager.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? manager.removeItem(at: root) }  // a file that stays in /tmp fails no test
    for (path, text) in files {
      let file = root.appending(path: path)
      try manager.createDirectory(
        at: file.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try Data(text.utf8).write(to: file)
    }
    let output = root.appending(path: "out.set")
    let protoc = Process()
    protoc.executableURL = URL(filePath: "/usr/bin/env")
    protoc.arguments =
      [
        "protoc", "-I", root.path, "-I", Self.proto, "-I", "/usr/include",
        "--include_imports", "--include_source_info", "--descriptor_set_out=\(output.path)",
      ] + files.keys.sorted()
    try protoc.run()
    protoc.waitUntilExit()
    guard protoc.terminationStatus == 0 else { throw Refused() }
    set = [UInt8](try Data(contentsOf: output))
  }

  /// protoc itself did not accept the text.
  struct Refused: Error {}

  /// The project's own schemas, for the option to mark methods with.
  private static let proto = URL(filePath: #filePath)
    .deletingLastPathComponent().appending(path: "../../Proto").standardized.path

  /// The schema, of which the files under `test/` are to be generated.
  func schema() throws -> Schema {
    Schema(try UnpackedSet(set: set)) { $0.hasPrefix("test/") }
  }

  /// What stands against generating it.
  func problems() throws -> [String] { try schema().problems().map(\.description) }

  /// The generated file of that name.
  func generated(_ path: String) throws -> String {
    let files = Generator(try schema(), cModule: "CTest").files()
    return files.first { $0.path == path }?.content ?? "no such file"
  }
}

/// The import and the mark of a method that answers at once.
let importOptions = "import \"usher/rpc/v1/options.proto\";"
let atOnce = "option (usher.rpc.v1.at_once) = true;"
