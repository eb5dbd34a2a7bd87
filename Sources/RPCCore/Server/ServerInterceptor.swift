public import Wire

/// A call on its way to its handler: what an interceptor may look at, replace or keep back.
public struct InterceptedCall<Request: Message, Response: Message>: Sendable {
  /// What is known of the call.
  public var context: CallContext
  /// The requests that come; one, where the method takes one.
  public var requests: RequestStream<Request>
  /// Where the responses go; one, where the method gives one.
  public var responses: ResponseWriter<Response>
}

/// Something that is done around calls and is none of the handlers' business.
///
/// It may answer by itself and not call `next`, refuse by throwing, measure how long `next` takes and
/// how it ends, or hand on other requests and responses than it was given.
public protocol ServerInterceptor: Sendable {
  /// Is called for each call under its rule. The call ends when it returns.
  func intercept<Request: Message, Response: Message>(
    _ call: InterceptedCall<Request, Response>,
    next: @Sendable (InterceptedCall<Request, Response>) async throws -> Void
  ) async throws
}

/// An interceptor and the methods it is laid over.
public struct InterceptorRule: Sendable {
  enum Scope: Sendable {
    case everyWaiting
    case named(Set<String>)
  }

  let interceptor: any ServerInterceptor
  let scope: Scope

  /// Lays the interceptor over every method that is not answered at once.
  public static func everyWaitingMethod(_ interceptor: any ServerInterceptor) -> InterceptorRule {
    InterceptorRule(interceptor: interceptor, scope: .everyWaiting)
  }

  /// Lays the interceptor over the methods of these paths, and all methods of the services of these
  /// names. A method among them that is answered at once is an error when the router is built.
  public static func over(
    _ names: Set<String>,
    _ interceptor: any ServerInterceptor
  ) -> InterceptorRule {
    InterceptorRule(interceptor: interceptor, scope: .named(names))
  }

  func covers(_ method: MethodDescriptor) -> Bool {
    switch scope {
    case .everyWaiting: !method.isAtOnce
    case .named(let names): names.contains(method.path) || names.contains(method.service)
    }
  }
}
