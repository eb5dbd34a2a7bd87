internal import Wire

/// A method and what answers it.
final class Route: Sendable {
  /// Answers on the spot: reads the request, and appends the CLOSE with its reply.
  typealias AtOnce =
    @Sendable (
      _ request: UnsafeRawBufferPointer, _ context: borrowing CallContext, _ scratch: Scratch,
      _ output: OutputBuffer
    ) throws -> Void

  /// Reads the request, where one opens the call, and starts the task that will answer.
  typealias Start = @Sendable (_ call: ServerCall, _ request: UnsafeRawBufferPointer) throws -> Void

  enum Handler: Sendable {
    case atOnce(AtOnce)
    case task(Start)
  }

  let method: MethodDescriptor
  let handler: Handler

  init(_ method: MethodDescriptor, _ handler: Handler) {
    self.method = method
    self.handler = handler
  }
}
