internal import CProtobufC
internal import CWire

/// A frame as it was unpacked, where it was unpacked: good until its arena is reset.
///
/// Byte fields point into the arena, so nothing here costs an allocation; what should outlive the
/// turn has to be copied.
@safe public struct FrameView {
  private let frame: UnsafePointer<Usher__Rpc__V1__Frame>

  /// What unpacking a frame of `frameBytes` and the message in it may cost.
  public static func unpackingBudget(frameBytes: Int) -> Int { frameBytes * 4 + 64 << 10 }

  /// Unpacks `bytes`, a frame without its prefix, after giving `arena` a new budget for it.
  public init(unpacking bytes: UnsafeRawBufferPointer, in arena: Arena) throws(DecodeFailure) {
    arena.reset(budget: Self.unpackingBudget(frameBytes: bytes.count))
    let unpacked = unsafe protobuf_c_message_unpack(
      usher__rpc__v1__frame__get_descriptor(),
      arena.allocator,
      bytes.count,
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    )
    guard let unpacked = unsafe unpacked else {
      throw arena.isOverBudget ? .overBudget : .malformed
    }
    unsafe frame = unsafe UnsafePointer(unpacked.of(Usher__Rpc__V1__Frame.self))
  }

  /// What the frame is for; nil for a kind that this side does not know.
  public var kind: FrameKind? {
    unsafe FrameKind(
      rawValue: UInt32(bitPattern: Int32(truncatingIfNeeded: frame.pointee.kind.rawValue))
    )
  }
  /// The call it belongs to.
  public var call: UInt32 { unsafe frame.pointee.call }
  /// OPEN: the method's path.
  public var method: UnsafeRawBufferPointer { unsafe Self.view(frame.pointee.method) }
  /// OPEN: how long the caller waits, in milliseconds; 0 is no limit.
  public var timeoutMs: UInt32 { unsafe frame.pointee.timeout_ms }
  /// OPEN, MESSAGE, CLOSE: the message.
  public var message: UnsafeRawBufferPointer { unsafe Self.view(frame.pointee.message) }
  /// OPEN, MESSAGE: whether the client sends no more.
  public var isLast: Bool { unsafe frame.pointee.last != 0 }
  /// CLOSE, GOAWAY: how it ended.
  public var status: StatusCode { unsafe StatusCode(rawValue: frame.pointee.status) }
  /// CREDIT: how many more bytes may be sent.
  public var credit: UInt32 { unsafe frame.pointee.credit }
  /// PING, PONG: what the answer repeats.
  public var nonce: UInt64 { unsafe frame.pointee.nonce }
  /// CLOSE, GOAWAY: an explanation for people. Damaged text is mended, since it decides nothing.
  public var reason: String {
    unsafe String(decoding: Self.view(frame.pointee.reason), as: UTF8.self)
  }

  /// SETTINGS: what the server says of itself.
  public var settings: Settings? {
    guard let settings = unsafe frame.pointee.settings?.pointee else { return nil }
    return unsafe Settings(
      frameBytesMax: settings.frame_bytes_max,
      openCallsMax: settings.open_calls_max,
      pingIntervalMsMin: settings.ping_interval_ms_min
    )
  }

  /// OPEN, CLOSE: copies the metadata.
  public func metadata() throws(MetadataFault) -> Metadata {
    let count = unsafe frame.pointee.n_metadata
    var metadata = Metadata()
    guard count > 0, let entries = unsafe frame.pointee.metadata else { return metadata }
    guard count <= Metadata.entriesMax else { throw .tooManyEntries }
    unsafe metadata.reserve(entries: count, bytes: Self.bytes(of: entries, count))
    for index in 0..<count {
      guard let entry = unsafe entries[index]?.pointee else { continue }
      try unsafe metadata.add(key: Self.view(entry.key), value: Self.view(entry.value))
    }
    return metadata
  }

  private static func bytes(
    of entries: UnsafeMutablePointer<UnsafeMutablePointer<Usher__Rpc__V1__Metadata>?>,
    _ count: Int
  ) -> Int {
    var sum = 0
    for index in 0..<count {
      guard let entry = unsafe entries[index]?.pointee else { continue }
      unsafe sum += entry.key.len + entry.value.len
    }
    return min(sum, Metadata.bytesMax)
  }

  private static func view(_ data: ProtobufCBinaryData) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: data.data, count: data.len)
  }
}
