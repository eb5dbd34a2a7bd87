package import Descriptors

/// The names of what is generated for a service: `Health` and `HealthService` alike get
/// `HealthService`, `HealthMethods` and `HealthClient`.
package struct ServiceNames {
  package let service: String
  package let methods: String
  package let client: String

  package init(_ service: SchemaService) {
    let name = SwiftNames.type(service.name)
    let stem = name.hasSuffix("Service") && name != "Service" ? String(name.dropLast(7)) : name
    self.service = stem + "Service"
    methods = stem + "Methods"
    client = stem + "Client"
  }
}
