import Descriptors
import RPCCore
import Testing
import UsherAPI

/// A method of the API, as the schema itself lists them: no list by hand can forget one.
struct Method: Sendable, CustomTestStringConvertible {
  let descriptor: MethodDescriptor

  var path: String { descriptor.path }
  var testDescription: String { path }

  static let all: [Method] = {
    do {
      let schema = try Schema(descriptorSet: UsherSchema.descriptorSet)
      return schema.files.flatMap(\.services).flatMap { service in
        service.methods.map { Method($0, of: service) }
      }
    } catch {
      preconditionFailure("the schema that is built in cannot be read: \(error)")
    }
  }()

  private init(_ method: SchemaMethod, of service: SchemaService) {
    descriptor = MethodDescriptor(
      service: service.fullName,
      name: method.name,
      kind: method.streamsResponses ? .serverStreaming : .unary,
      effects: method.effects == .none ? .none : .some,
      isAtOnce: method.isAtOnce
    )
  }
}
