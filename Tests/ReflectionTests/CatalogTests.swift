import Descriptors
import Reflection
import Testing
import UsherAPI
import Wire

@Suite("Looking things up by name") struct CatalogTests {
  private func catalog() throws -> Catalog { try Catalogs.usher.get() }

  @Test("Everything that was generated is in the catalog, with its comments")
  func contents() throws {
    let catalog = try catalog()
    let names = Set(catalog.messages.map(\.fullName))
    #expect(names.isSuperset(of: MessageTypes.all.map { $0.messageName }))
    #expect(names.contains("usher.rpc.v1.Frame"))
    #expect(!names.contains { $0.hasPrefix("google.") })
    let place = try #require(catalog.layout(of: "usher.v1.Place"))
    #expect(place.message.comment == "What one waiter is told.")
    #expect(place.field("ask_again_ms")?.schema.number == 7)
    #expect(place.field("askAgainMs") == place.field(7))
    #expect(catalog.enumeration("usher.v1.Refusal")?.values.isEmpty == false)
    #expect(catalog.methods.contains { $0.name == "grpc.health.v1.Health/Check" })
  }

  @Test(
    "A method goes by any end of its name that no other has",
    arguments: [
      ("grpc.health.v1.Health/Check", "grpc.health.v1.Health/Check"),
      ("/grpc.health.v1.Health/Check", "grpc.health.v1.Health/Check"),
      ("grpc.health.v1.Health.Check", "grpc.health.v1.Health/Check"),
      ("Health/Check", "grpc.health.v1.Health/Check"),
      ("health/check", "grpc.health.v1.Health/Check"),
      ("GateService/Check", "usher.v1.GateService/Check"),
      ("gate/check", "usher.v1.GateService/Check"),
      ("Enter", "usher.v1.GateService/Enter"),
      ("v1.gate.enter", "usher.v1.GateService/Enter"),
    ]
  )
  func methods(name: String, wanted: String) throws {
    #expect(try catalog().method(named: name).name == wanted)
  }

  @Test(
    "A name that means nothing is told with one that is near, or with all that it may mean",
    arguments: [
      (
        "Check",
        "\"Check\" may be grpc.health.v1.Health/Check or usher.v1.GateService/Check"
      ),
      ("Entr", "there is no method \"Entr\"; a similar one exists: usher.v1.GateService/Enter"),
      (
        "gate/entre",
        "there is no method \"gate/entre\"; a similar one exists: usher.v1.GateService/Enter"
      ),
      ("nter", "there is no method \"nter\"; a similar one exists: usher.v1.GateService/Enter"),
      ("Xylophone", "there is no method \"Xylophone\""),
      ("", "there is no method \"\""),
      ("/", "there is no method \"/\""),
      (".", "there is no method \".\""),
    ]
  )
  func mistakes(name: String, message: String) throws {
    let catalog = try catalog()
    #expect(throws: LookupFailure(description: message)) { try catalog.method(named: name) }
  }

  @Test("Services, messages and enums go by their names too")
  func entries() throws {
    let catalog = try catalog()
    guard case .message(let place) = try catalog.entry(named: "Place"),
      case .enumeration(let refusal) = try catalog.entry(named: "refusal"),
      case .service(let gates) = try catalog.entry(named: "GateService"),
      case .method(let enter) = try catalog.entry(named: "gate/enter"),
      case .enumeration(let status) = try catalog.entry(named: "ServingStatus")
    else { throw LookupFailure(description: "something was found as something else") }
    #expect(place.fullName == "usher.v1.Place")
    #expect(refusal.fullName == "usher.v1.Refusal")
    #expect(gates.methods.map(\.name).contains("Claim"))
    #expect(enter.schema.request == "usher.v1.EnterRequest")
    #expect(status.fullName == "grpc.health.v1.HealthCheckResponse.ServingStatus")
    #expect(try catalog.service(named: "health").fullName == "grpc.health.v1.Health")
    #expect(throws: LookupFailure.self) { try catalog.service(named: "Place") }
  }

  @Test("Bytes that are no descriptors are refused")
  func unreadable() {
    let bytes: [UInt8] = [0xff, 0xff]
    #expect(throws: Unreadable.self) {
      try bytes.withUnsafeBytes { try Catalog(descriptorSet: $0) }
    }
  }
}
