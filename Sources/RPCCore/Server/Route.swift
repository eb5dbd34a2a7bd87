internal import Glibc

/// A method and what answers it.
@usableFromInline
final class Route: Sendable {
  /// Answers on the spot: reads the request and appends the CLOSE with its reply.
  @usableFromInline
  typealias AtOnce =
    @Sendable (
      _ exchange: Exchange, _ request: UnsafeRawBufferPointer, _ context: CallContext
    ) throws -> Void

  /// Reads the request, where one opens the call, and makes the call with what will answer it.
  @usableFromInline
  typealias Start =
    @Sendable (
      _ session: ServerSession, _ context: CallContext, _ request: UnsafeRawBufferPointer
    ) throws -> ServerCall

  enum Handler: Sendable {
    case atOnce(AtOnce)
    case task(Start)
  }

  let method: MethodDescriptor
  let handler: Handler
  private let path: [UInt8]

  init(_ method: MethodDescriptor, _ handler: Handler) {
    self.method = method
    self.handler = handler
    path = Array(method.path.utf8)
  }

  /// Whether `path` is what the method is called by.
  func isCalled(by path: UnsafeRawBufferPointer) -> Bool {
    self.path.withUnsafeBytes { own in
      guard own.count == path.count, let own = own.baseAddress, let path = path.baseAddress else {
        return false
      }
      return memcmp(own, path, self.path.count) == 0
    }
  }

  /// Hands the path's bytes to `body`.
  func withPath<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    path.withUnsafeBytes(body)
  }
}
