import CFixtures
import Fixtures
import Foundation
import Reflection
import Testing
import UsherAPI
import Wire

/// Catalogs of the schemas that tests know.
enum Catalogs {
  static let fixtures = Result { try Catalog(descriptorSet: fixturesSchema) }
  static let usher = Result { try Catalog(descriptorSet: UsherSchema.descriptorSet) }

  private static var fixturesSchema: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: fixtures_schema(), count: fixtures_schema_size())
  }

  /// A codec of the fixtures' message with that short name.
  static func codec(
    _ name: String,
    limits: CodecLimits = .defaults
  ) throws -> MessageCodec {
    try #require(
      MessageCodec("usher.fixtures.v1.\(name)", in: try fixtures.get(), limits: limits)
    )
  }
}

/// A file that `tools/generate` has made of Texts/.
func fixtureFile(_ path: String) throws -> String {
  let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures")
  return try String(contentsOf: folder.appending(path: path), encoding: .utf8)
}

/// A message as protoc encodes it.
func encodedFixture(_ name: String) throws -> [UInt8] {
  try fixtureFile("Encoded/\(name).hex").split(separator: "\n").filter { !$0.hasPrefix("#") }
    .flatMap { try $0.split(separator: " ").map { try #require(UInt8($0, radix: 16)) } }
}

extension MessageCodec {
  func encode(_ json: String) throws(CodecFailure) -> [UInt8] {
    try encode(json: Array(json.utf8))
  }
}

/// What JSON says, however it is written: tokens, the members of each object in the order of their
/// keys, numbers by value.
indirect enum Meaning: Hashable {
  case object([String: Meaning]), array([Meaning]), number(Double), word(JSONReader.Token)

  init(_ json: String) throws {
    var reader = JSONReader(Array(json.utf8), depthMax: 100)
    let first = try #require(try reader.next())
    self = try Self.value(first, &reader)
    try #require(try reader.next() == nil)
  }

  private static func value(
    _ first: JSONReader.Token,
    _ reader: inout JSONReader
  ) throws -> Meaning {
    switch first {
    case .beginObject:
      var members: [String: Meaning] = [:]
      while case .key(let key)? = try reader.next() {
        members[key] = try value(try #require(try reader.next()), &reader)
      }
      return .object(members)
    case .beginArray:
      var elements: [Meaning] = []
      while let token = try reader.next(), token != .endArray {
        elements.append(try value(token, &reader))
      }
      return .array(elements)
    case .number(let text): return .number(try #require(Double(text)))
    default: return .word(first)
    }
  }
}
