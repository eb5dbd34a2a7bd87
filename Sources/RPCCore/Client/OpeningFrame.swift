package import Wire

extension OutgoingFrame {
  /// The frame that opens a call, without the request that it carries where the method takes one.
  package init(opening method: MethodDescriptor, as call: UInt32, options: CallOptions) {
    self.init(.open, call: call)
    self.method = method.path
    timeoutMs = options.timeoutMs
    metadata = options.metadata
    isLast = method.kind.takesOneRequest
  }
}
