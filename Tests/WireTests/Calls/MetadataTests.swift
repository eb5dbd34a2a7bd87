import TestSupport
import Testing
import Wire

@Suite("Metadata") struct MetadataTests {
  private static func fault(_ key: [UInt8], _ value: [UInt8]) -> MetadataFault? {
    var metadata = Metadata()
    return key.withUnsafeBytes { key in
      value.withUnsafeBytes { value in
        do throws(MetadataFault) {
          try metadata.add(key: key, value: value)
          return nil
        } catch {
          return error
        }
      }
    }
  }

  @Test("Entries keep their order, and the first under a key is found")
  func order() throws {
    var metadata = Metadata()
    try metadata.add("b", "1")
    try metadata.add("a", "2")
    try metadata.add("b", "3")
    try metadata.add("a-bin", [0, 255])
    var seen: [String] = []
    metadata.forEach { key, value in
      seen.append(String(decoding: key, as: UTF8.self) + "=\(Array(value))")
    }
    #expect(seen == ["b=[49]", "a=[50]", "b=[51]", "a-bin=[0, 255]"])
    #expect(metadata.count == 4)
    #expect(metadata["b"] == "1")
    #expect(metadata["c"] == nil)
    #expect(metadata.bytes(for: "a-bin") == [0, 255])
    #expect(metadata.withBytes(for: "a") { Array($0) } == [50])
    #expect(metadata.description == "Metadata(b, a, b, a-bin)", "values may be secrets")
  }

  @Test("Keys have 1 to 64 characters of a-z, 0-9, '.', '_' and '-'")
  func keys() {
    for key in ["a", "0", "a.b_c-9", String(repeating: "k", count: 64)] {
      #expect(Self.fault(Array(key.utf8), []) == nil)
    }
    for key in [
      "", "A", "a b", "ä", "a:", "a/", "`", "{", "a\0", String(repeating: "k", count: 65),
    ] {
      #expect(Self.fault(Array(key.utf8), []) == .invalidKey)
    }
  }

  @Test("Values are printable ASCII, and anything under a key in -bin")
  func values() {
    for byte in UInt8.min...UInt8.max {
      let isText = (0x20...0x7e).contains(byte)
      #expect(Self.fault(Array("key".utf8), [0x61, byte]) == (isText ? nil : .invalidValue))
      #expect(Self.fault(Array("key-bin".utf8), [byte]) == nil)
    }
    #expect(Self.fault(Array("-bin".utf8), [0xff]) == .invalidValue, "a key needs a name")
    #expect(Self.fault(Array("key-bins".utf8), [0xff]) == .invalidValue)
  }

  @Test("There are at most 64 entries")
  func entries() throws {
    var metadata = Metadata()
    for _ in 0..<64 { try metadata.add("k", "") }
    #expect(throws: MetadataFault.tooManyEntries) { try metadata.add("k", "") }
    #expect(metadata.count == 64)
  }

  @Test("Keys and values have at most 8 KiB together, in one entry or in many")
  func bytes() throws {
    func value(_ count: Int) -> String { String(repeating: "v", count: count) }
    var one = Metadata()
    #expect(throws: MetadataFault.tooManyBytes) { try one.add("key", value(8_190)) }
    #expect(one.isEmpty)
    try one.add("key", value(8_189))
    #expect(throws: MetadataFault.tooManyBytes) { try one.add("k", "") }
    var many = Metadata()
    for _ in 0..<8 { try many.add("key", value(1_021)) }
    #expect(throws: MetadataFault.tooManyBytes) { try many.add("k", "") }
    #expect(many["key"] == value(1_021))
  }
}

@Suite("Status codes") struct StatusCodeTests {
  @Test("Codes have gRPC's numbers and names, and others keep their number")
  func names() {
    let names = (UInt32(0)...18).map { StatusCode(rawValue: $0).description }
    #expect(
      names == [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
        "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED", "STATUS_17", "STATUS_18",
      ]
    )
    #expect(StatusCode(rawValue: .max).description == "STATUS_4294967295")
    #expect(StatusCode.unavailable.rawValue == 14)
    #expect(StatusCode.internal == StatusCode(rawValue: 13))
  }
}
