public import RPCCore
public import Wire

/// A frame as a value, to be sent by hand, and to be looked at when it came out of a session.
public struct PlainFrame: Hashable, Sendable {
  /// What the frame is for.
  public var kind: FrameKind
  /// The call it belongs to.
  public var call: UInt32 = 0
  /// The method's path.
  public var method = ""
  /// How long the caller waits.
  public var timeoutMs: UInt32 = 0
  /// Metadata or trailers.
  public var metadata = Metadata()
  /// The message.
  public var message: [UInt8] = []
  /// Whether no more messages come.
  public var isLast = false
  /// How it ended.
  public var status = StatusCode.ok
  /// An explanation for people.
  public var reason = ""
  /// How many more bytes may be sent.
  public var credit: UInt32 = 0
  /// What a PONG repeats.
  public var nonce: UInt64 = 0
  /// What a server says of itself.
  public var settings: Settings?

  /// A frame of that kind with every other field at its default.
  public init(_ kind: FrameKind, call: UInt32 = 0) {
    self.kind = kind
    self.call = call
  }

  /// The frame that was read. Nil if its kind is not known.
  public init?(_ view: FrameView) throws {
    guard let kind = view.kind else { return nil }
    self.init(kind, call: view.call)
    method = String(decoding: view.method, as: UTF8.self)
    timeoutMs = view.timeoutMs
    metadata = try view.metadata()
    message = Array(view.message)
    isLast = view.isLast
    status = view.status
    reason = view.reason
    credit = view.credit
    nonce = view.nonce
    settings = view.settings
  }

  /// The frame as it travels, behind its length.
  public var bytes: [UInt8] {
    var frame = OutgoingFrame(kind, call: call)
    frame.method = method
    frame.timeoutMs = timeoutMs
    frame.metadata = metadata
    frame.isLast = isLast
    frame.status = status
    frame.reason = reason
    frame.credit = credit
    frame.nonce = nonce
    frame.settings = settings
    var buffer = ByteBuffer()
    message.withUnsafeBytes { buffer.append(frame, message: $0) }
    return buffer.withBytes { Array($0) }
  }
}

// MARK: - By hand

extension PlainFrame {
  /// OPEN, with the request where the method takes one.
  public static func open(
    _ call: UInt32,
    _ method: MethodDescriptor,
    _ request: (any Message)? = nil,
    isLast: Bool? = nil,
    timeoutMs: UInt32 = 0,
    metadata: Metadata = Metadata()
  ) -> PlainFrame {
    var frame = PlainFrame(.open, call: call)
    frame.method = method.path
    frame.message = request?.encoded() ?? []
    frame.isLast = isLast ?? method.kind.takesOneRequest
    frame.timeoutMs = timeoutMs
    frame.metadata = metadata
    return frame
  }

  /// MESSAGE.
  public static func message(
    _ call: UInt32,
    _ message: any Message,
    isLast: Bool = false
  ) -> PlainFrame {
    var frame = PlainFrame(.message, call: call)
    frame.message = message.encoded()
    frame.isLast = isLast
    return frame
  }

  /// CLOSE in OK, with the response where the method gives one.
  public static func close(
    _ call: UInt32,
    _ response: (any Message)? = nil,
    trailers: Metadata = Metadata()
  ) -> PlainFrame {
    var frame = PlainFrame(.close, call: call)
    frame.message = response?.encoded() ?? []
    frame.metadata = trailers
    return frame
  }

  /// CLOSE in another status.
  public static func close(
    _ call: UInt32,
    _ status: StatusCode,
    _ reason: String = ""
  ) -> PlainFrame {
    var frame = PlainFrame(.close, call: call)
    frame.status = status
    frame.reason = reason
    return frame
  }

  /// CREDIT.
  public static func credit(_ call: UInt32, _ bytes: UInt32) -> PlainFrame {
    var frame = PlainFrame(.credit, call: call)
    frame.credit = bytes
    return frame
  }

  /// PING.
  public static func ping(_ nonce: UInt64) -> PlainFrame {
    var frame = PlainFrame(.ping)
    frame.nonce = nonce
    return frame
  }

  /// PONG.
  public static func pong(_ nonce: UInt64) -> PlainFrame {
    var frame = PlainFrame(.pong)
    frame.nonce = nonce
    return frame
  }

  /// GOAWAY.
  public static func goAway(
    _ call: UInt32,
    _ status: StatusCode = .ok,
    _ reason: String = ""
  ) -> PlainFrame {
    var frame = PlainFrame(.goAway, call: call)
    frame.status = status
    frame.reason = reason
    return frame
  }

  /// SETTINGS.
  public static func settings(_ settings: Settings) -> PlainFrame {
    var frame = PlainFrame(.settings)
    frame.settings = settings
    return frame
  }
}

// MARK: - Reading

extension PlainFrame {
  /// The message as the value it is.
  public func decoded<Value: Message>(_: Value.Type = Value.self) throws -> Value {
    try Value(decoding: message)
  }
}

/// Takes frames out of bytes, as a peer would.
public struct FrameReader: ~Copyable {
  private var splitter: FrameSplitter

  /// A reader of frames of any size.
  public init() { splitter = FrameSplitter(frameBytesMax: (16 << 20) - 1) }

  /// The frames that `bytes` complete. Kinds that are not known are left out.
  public mutating func read(_ bytes: [UInt8]) throws -> [PlainFrame] {
    var frames: [PlainFrame] = []
    var failure: (any Error)?
    try bytes.withUnsafeBytes { bytes in
      _ = try splitter.split(bytes) { frame in
        do {
          if let frame = try PlainFrame(FrameView(reading: frame)) {
            frames.append(frame)
          }
        } catch {
          failure = error
        }
        return failure == nil
      }
    }
    if let failure { throw failure }
    return frames
  }
}
