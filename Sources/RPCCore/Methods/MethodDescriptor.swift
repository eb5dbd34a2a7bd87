/// What is known of a method before it is called. Generated from the schema.
public struct MethodDescriptor: Sendable, Hashable {
  /// How many messages go each way.
  public enum Kind: Sendable {
    /// One request, one response.
    case unary
    /// Any number of requests, one response.
    case clientStreaming
    /// One request, any number of responses.
    case serverStreaming
    /// Any number both ways.
    case bidirectional

    /// Whether one request opens the call and is all that the client sends.
    public var takesOneRequest: Bool { self == .unary || self == .serverStreaming }
    /// Whether one response ends the call and is all that the server sends.
    public var givesOneResponse: Bool { self == .unary || self == .clientStreaming }
  }

  /// What running the method twice does; decides whether a call may be repeated.
  public enum Effects: Sendable {
    /// It only reads.
    case none
    /// It changes something, and doing so twice is as good as once.
    case idempotent
    /// It changes something each time.
    case some
  }

  /// One object for each method: a descriptor goes along with every call.
  private let facts: Facts

  private final class Facts: Sendable {
    let service: String
    let name: String
    let kind: Kind
    let effects: Effects
    let isAtOnce: Bool
    let path: String

    init(service: String, name: String, kind: Kind, effects: Effects, isAtOnce: Bool) {
      self.service = service
      self.name = name
      self.kind = kind
      self.effects = effects
      self.isAtOnce = isAtOnce
      path = "/\(service)/\(name)"
    }
  }

  /// A method of a service.
  public init(service: String, name: String, kind: Kind, effects: Effects, isAtOnce: Bool) {
    precondition(!isAtOnce || kind == .unary, "only a unary method can be answered at once")
    facts = Facts(service: service, name: name, kind: kind, effects: effects, isAtOnce: isAtOnce)
  }

  /// The service's full name, such as `grpc.health.v1.Health`.
  public var service: String { facts.service }
  /// The method's name in its service, such as `Check`.
  public var name: String { facts.name }
  /// How many messages go each way.
  public var kind: Kind { facts.kind }
  /// What running it twice does.
  public var effects: Effects { facts.effects }
  /// Whether it is answered from memory, by a handler that cannot wait.
  public var isAtOnce: Bool { facts.isAtOnce }
  /// The method's name on the wire, such as `/grpc.health.v1.Health/Check`.
  public var path: String { facts.path }

  /// Whether both are of the same method, with the same properties.
  public static func == (left: MethodDescriptor, right: MethodDescriptor) -> Bool {
    left.facts === right.facts
      || left.path == right.path && left.kind == right.kind && left.effects == right.effects
        && left.isAtOnce == right.isAtOnce
  }

  /// A method is told by its path.
  public func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

/// A service and its methods, in the order of the schema.
public struct ServiceDescriptor: Sendable, Hashable {
  /// The service's full name, such as `grpc.health.v1.Health`.
  public let name: String
  /// Its methods.
  public let methods: [MethodDescriptor]

  /// A service of those methods.
  public init(name: String, methods: [MethodDescriptor]) {
    self.name = name
    self.methods = methods
  }
}
