import Descriptors

/// Writes one service: its methods' descriptors, the protocol of its server, and its client.
struct ServiceRenderer {
  let service: SchemaService
  let names: TypeNames

  private var own: ServiceNames { ServiceNames(service) }
  private var methods: [MethodShape] {
    service.methods.map { MethodShape(method: $0, service: service, names: names) }
  }

  func write(to source: inout SourceText) {
    writeMethods(to: &source)
    source.line()
    writeProtocol(to: &source)
    source.line()
    writeClient(to: &source)
  }

  private func writeMethods(to source: inout SourceText) {
    source.doc("", else: "What `\(service.fullName)` offers.")
    source.block("public enum \(own.methods)") { source in
      for method in methods {
        method.writeDescriptor(to: &source)
        source.line()
      }
      source.doc("", else: "The service with all its methods.")
      source.enclosed("public static let service = ServiceDescriptor(", ")") { source in
        source.line("name: \"\(service.fullName)\",")
        source.enclosed("methods: [", "]") { source in
          for method in methods { source.line("\(method.name),") }
        }
      }
    }
  }

  private func writeProtocol(to source: inout SourceText) {
    source.doc(service.comment, else: "The service `\(service.fullName)`.")
    source.block("public protocol \(own.service): RPCService") { source in
      for (index, method) in methods.enumerated() {
        if index > 0 { source.line() }
        method.writeRequirement(to: &source)
      }
    }
    source.line()
    source.block("extension \(own.service)") { source in
      source.doc("", else: "Offers every method of the service.")
      source.block("public func register(in routes: inout Routes)") { source in
        for method in methods { method.writeRoute(to: &source) }
      }
    }
  }

  private func writeClient(to source: inout SourceText) {
    source.doc(service.comment, else: "Calls `\(service.fullName)`.")
    source.block("public struct \(own.client): Sendable") { source in
      source.doc("", else: "What carries the calls.")
      source.line("public let caller: any Caller")
      source.line()
      source.doc("", else: "A client whose calls go through `caller`.")
      source.block("public init(_ caller: any Caller)") { $0.line("self.caller = caller") }
      for method in methods {
        source.line()
        method.writeCall(to: &source)
      }
    }
  }
}
