import Descriptors
import GeneratorCore
import Testing

@Suite("How names become Swift") struct NameTests {
  @Test(
    "Fields are camel case, with their shorthands in capitals",
    arguments: [
      ("id", "id"), ("user_id", "userID"), ("user_ids", "userIDs"), ("hold_ttl_ms", "holdTTLMs"),
      ("ttl_ms", "ttlMs"), ("target_p99_ms", "targetP99Ms"), ("camelCase", "camelCase"),
      ("default", "`default`"), ("in", "`in`"), ("self", "self_"), ("init", "init_"),
      ("hash_value", "hashValue_"),
    ]
  )
  func properties(name: String, expected: String) {
    #expect(SwiftNames.property(name) == expected)
  }

  @Test(
    "Methods begin small",
    arguments: [("ListDates", "listDates"), ("Get", "get"), ("Import", "`import`")]
  )
  func methods(name: String, expected: String) {
    #expect(SwiftNames.method(name) == expected)
  }

  @Test("What all of an enum's values begin with is its own name, and is taken off")
  func sharedPrefix() throws {
    let source = try TestSchema(
      "enum SeatState { SEAT_STATE_UNSPECIFIED = 0; SEAT_STATE_HALF_SOLD = 3; }"
    ).generated("Test.swift")
    #expect(source.contains("  case unspecified\n"))
    #expect(source.contains("  case halfSold\n"))
    #expect(source.contains("protoPrefix: String { \"SEAT_STATE_\" }"))
    #expect(source.contains("case .halfSold: \"SEAT_STATE_HALF_SOLD\""))
  }

  @Test(
    "A prefix stays where not all share it, or where a number would be left",
    arguments: ["UNKNOWN = 0; SIDE_LEFT = 1;", "SIDE_1 = 0; SIDE_LEFT = 1;"]
  )
  func unsharedPrefix(values: String) throws {
    let source = try TestSchema("enum Side { \(values) }").generated("Test.swift")
    #expect(source.contains("  case sideLeft\n"))
    #expect(source.contains("protoPrefix: String { \"\" }"))
  }

  @Test("A value's second name is another way to write its first")
  func aliases() throws {
    let source = try TestSchema(
      "enum E { option allow_alias = true; E_A = 0; E_B = 1; E_C = 1; }"
    ).generated("Test.swift")
    #expect(source.contains("public static var c: Self { .b }"))
    #expect(!source.contains("case c\n"))
  }

  @Test(
    "A service's name ends its server's in Service once",
    arguments: ["Health", "HealthService"]
  )
  func serviceNames(name: String) throws {
    let schema = try TestSchema("service \(name) {}").schema()
    let names = try #require(schema.generated.first?.services.first.map(ServiceNames.init))
    #expect(names.service == "HealthService")
    #expect(names.methods == "HealthMethods")
    #expect(names.client == "HealthClient")
  }
}
