public import Wire

/// What a handler knows of its call beside the request.
public struct CallContext: Sendable {
  /// The method that was called.
  public let method: MethodDescriptor
  /// The call's number on its connection.
  public let callID: UInt32
  /// The connection's number on this server, for the log.
  public let connectionID: UInt64
  /// What the caller sent beside the message.
  public let metadata: Metadata
  /// When the caller stops waiting; nil if it does not say. On the clock of the connection's loop.
  public let deadline: Moment?
  /// Who is calling, as the ``CallScreen`` found; the server itself puts nothing here.
  public var identity: (any AnyObject & Sendable)?

  /// A context, for tests of handlers.
  public init(
    method: MethodDescriptor,
    callID: UInt32 = 1,
    connectionID: UInt64 = 0,
    metadata: Metadata = Metadata(),
    deadline: Moment? = nil,
    identity: (any AnyObject & Sendable)? = nil
  ) {
    self.method = method
    self.callID = callID
    self.connectionID = connectionID
    self.metadata = metadata
    self.deadline = deadline
    self.identity = identity
  }

  /// The caller's trace, if it sent one: the 32 hexadecimal digits of a W3C traceparent.
  public var traceID: String? {
    guard let parent = metadata[Metadata.Key.traceParent] else { return nil }
    let parts = parent.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[1].count == 32, parts[1].allSatisfy(\.isHexDigit) else {
      return nil
    }
    return String(parts[1])
  }
}

/// The stage before every call, for handlers of both kinds: finds out who is calling and whether
/// they may.
///
/// It runs on the loop and cannot wait. What it verified once it may keep in `memo`, which belongs to
/// the connection, so that the same token is not verified again with every call.
public protocol CallScreen: Sendable {
  /// Lets the call pass, after putting into `context` what it found, or throws to refuse it.
  func screen(_ context: inout CallContext, memo: inout (any AnyObject & Sendable)?) throws
}
