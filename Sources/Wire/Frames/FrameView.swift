/// A frame as it was read, where it was read: good as long as its bytes are.
///
/// Byte fields point into those bytes, and nothing here costs an allocation; what should outlive the
/// turn has to be copied. Reading takes one pass by hand, not protobuf-c, which would allocate each
/// field and make a frame of many small entries 65 times as large.
@safe public struct FrameView {
  private static var nothing: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  }

  private let bytes: UnsafeRawBufferPointer
  private var kindValue: UInt32 = 0
  private var metadataCount = 0
  private var metadataBytes = 0
  private var reasonBytes = unsafe Self.nothing

  /// The call it belongs to.
  public private(set) var call: UInt32 = 0
  /// OPEN: the method's path.
  public private(set) var method = unsafe Self.nothing
  /// OPEN: how long the caller waits, in milliseconds; 0 is no limit.
  public private(set) var timeoutMs: UInt32 = 0
  /// OPEN, MESSAGE, CLOSE: the message.
  public private(set) var message = unsafe Self.nothing
  /// OPEN, MESSAGE: whether the client sends no more.
  public private(set) var isLast = false
  /// CLOSE, GOAWAY: how it ended.
  public private(set) var status = StatusCode.ok
  /// CREDIT: how many more bytes may be sent.
  public private(set) var credit: UInt32 = 0
  /// PING, PONG: what the answer repeats.
  public private(set) var nonce: UInt64 = 0
  /// SETTINGS: what the server says of itself.
  public private(set) var settings: Settings?

  /// What unpacking the message in a frame may cost.
  public static func unpackingBudget(frameBytes: Int) -> Int { frameBytes * 4 + 64 << 10 }

  /// Reads `bytes`, a frame without its prefix. Of several values of a field the last counts, as in
  /// any protobuf message; fields that this side does not know are passed over.
  public init(reading bytes: UnsafeRawBufferPointer) throws(DecodeFailure) {
    unsafe self.bytes = bytes
    var cursor = unsafe FieldCursor(bytes)
    while let field = try cursor.next() { try take(field) }
  }

  private mutating func take(_ field: FieldCursor.Field) throws(DecodeFailure) {
    switch (field.number, field.value) {
    case (1, .varint(let value)): kindValue = UInt32(truncatingIfNeeded: value)
    case (2, .varint(let value)): call = UInt32(truncatingIfNeeded: value)
    case (3, .bytes(let value)): unsafe method = unsafe value
    case (4, .varint(let value)): timeoutMs = UInt32(truncatingIfNeeded: value)
    case (5, .bytes(let value)):
      let (key, value) = try unsafe Self.entry(value)
      metadataCount += 1
      metadataBytes += key.count + value.count
    case (6, .bytes(let value)): unsafe message = unsafe value
    case (7, .varint(let value)): isLast = value != 0
    case (8, .varint(let value)): status = StatusCode(rawValue: UInt32(truncatingIfNeeded: value))
    case (9, .bytes(let value)): unsafe reasonBytes = unsafe value
    case (10, .varint(let value)): credit = UInt32(truncatingIfNeeded: value)
    case (11, .varint(let value)): nonce = value
    case (12, .bytes(let value)): settings = try unsafe Self.settings(value)
    case (1...12, _): throw .malformed
    default: break
    }
  }

  /// What the frame is for; nil for a kind that this side does not know.
  public var kind: FrameKind? { FrameKind(rawValue: kindValue) }

  /// CLOSE, GOAWAY: an explanation for people. Damaged text is mended, since it decides nothing.
  public var reason: String { unsafe String(decoding: reasonBytes, as: UTF8.self) }

  /// OPEN, CLOSE: copies the metadata.
  public func metadata() throws(MetadataFault) -> Metadata {
    var metadata = Metadata()
    guard metadataCount > 0 else { return metadata }
    guard metadataCount <= Metadata.entriesMax else { throw .tooManyEntries }
    metadata.reserve(entries: metadataCount, bytes: min(metadataBytes, Metadata.bytesMax))
    var cursor = unsafe FieldCursor(bytes)
    // All of it was read once without a failure.
    while let field = try? cursor.next() {
      guard field.number == 5, case .bytes(let bytes) = field.value,
        let (key, value) = try? unsafe Self.entry(bytes)  // as above
      else { continue }
      try unsafe metadata.add(key: key, value: value)
    }
    return metadata
  }

  /// One entry of metadata.
  private static func entry(
    _ bytes: UnsafeRawBufferPointer
  ) throws(DecodeFailure) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    var entry = unsafe (key: nothing, value: nothing)
    var cursor = unsafe FieldCursor(bytes)
    while let field = try cursor.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let value)): unsafe entry.key = unsafe value
      case (2, .bytes(let value)): unsafe entry.value = unsafe value
      case (1...2, _): throw .malformed
      default: break
      }
    }
    return unsafe entry
  }

  private static func settings(
    _ bytes: UnsafeRawBufferPointer
  ) throws(DecodeFailure) -> Settings {
    var settings = Settings(frameBytesMax: 0, openCallsMax: 0, pingIntervalMsMin: 0)
    var cursor = unsafe FieldCursor(bytes)
    while let field = try cursor.next() {
      switch (field.number, field.value) {
      case (1, .varint(let value)): settings.frameBytesMax = UInt32(truncatingIfNeeded: value)
      case (2, .varint(let value)): settings.openCallsMax = UInt32(truncatingIfNeeded: value)
      case (3, .varint(let value)): settings.pingIntervalMsMin = UInt32(truncatingIfNeeded: value)
      case (1...3, _): throw .malformed
      default: break
      }
    }
    return settings
  }
}
