import Foundation
import Testing

/// A message as protoc itself encodes it: `tools/generate` makes Encoded/NAME.hex of Texts/NAME.txt,
/// whose first line names the type.
func encodedFixture(_ name: String) throws -> [UInt8] {
  let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/Encoded/\(name).hex")
  return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    .filter { !$0.hasPrefix("#") }
    .flatMap { try $0.split(separator: " ").map { try #require(UInt8($0, radix: 16)) } }
}
