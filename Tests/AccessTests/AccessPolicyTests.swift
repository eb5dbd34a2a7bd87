import Access
import RPCCore
import Testing
import UsherAPI

@Suite("Who may call what") struct AccessPolicyTests {
  @Test("Every method of the API is listed", arguments: Method.all)
  func complete(method: Method) {
    #expect(AccessPolicy.standard.rule(for: method.path) != nil)
  }

  @Test("The operator's methods are the operator's alone, and nothing else is theirs")
  func operators() {
    for method in Method.all {
      let rule = AccessPolicy.standard.rule(for: method.path)
      let isTheirs = method.descriptor.service == OperatorMethods.service.name
      #expect((rule == .operator) == isTheirs, "\(method.path)")
    }
  }

  @Test("Health alone is open to those who do not say who they are")
  func open() {
    let open = Method.all.filter { AccessPolicy.standard.rule(for: $0.path) == .open }
    #expect(open.map(\.descriptor) == HealthMethods.service.methods)
  }
}
