import Foundation
import Testing

/// A message as protoc itself encodes it: `tools/generate` makes Encoded/NAME.hex from Texts/NAME.txt.
func encodedFixture(_ name: String) throws -> [UInt8] {
  let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/Encoded/\(name).hex")
  return try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isWhitespace)
    .map { try #require(UInt8($0, radix: 16)) }
}
