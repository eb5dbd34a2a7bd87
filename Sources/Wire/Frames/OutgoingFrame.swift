public import CProtobufC

/// A frame to be written, without its message.
///
/// The fields are put down by hand, in the order of their numbers: a frame is written for every
/// call, and walking protobuf-c's description of twelve fields to find the two that are set would
/// cost more than writing them.
public struct OutgoingFrame: Sendable {
  /// What the frame is for.
  public var kind: FrameKind
  /// The call it belongs to; GOAWAY: the highest call taken.
  public var call: UInt32
  /// OPEN: the method's path.
  public var method = ""
  /// OPEN: how long the caller waits, in milliseconds; 0 is no limit.
  public var timeoutMs: UInt32 = 0
  /// OPEN: the call's metadata; CLOSE: the trailers.
  public var metadata = Metadata()
  /// OPEN, MESSAGE: whether no more messages come.
  public var isLast = false
  /// CLOSE, GOAWAY: how it ended.
  public var status = StatusCode.ok
  /// CLOSE, GOAWAY: an explanation for people.
  public var reason = ""
  /// CREDIT: how many more bytes may be sent.
  public var credit: UInt32 = 0
  /// PING, PONG: what the answer repeats.
  public var nonce: UInt64 = 0
  /// SETTINGS: what the server says of itself.
  public var settings: Settings?

  /// A frame of that kind with every other field at its default.
  public init(_ kind: FrameKind, call: UInt32 = 0) {
    self.kind = kind
    self.call = call
  }
}

extension ByteBuffer {
  /// Appends a frame that carries `message`, which is encoded already.
  public mutating func append(
    _ frame: borrowing OutgoingFrame,
    message: UnsafeRawBufferPointer = unsafe .init(start: nil, count: 0)
  ) {
    unsafe append(frame, messageBytes: message.count) { room in
      if let source = message.baseAddress {
        unsafe room.copyMemory(from: source, byteCount: message.count)
      }
    }
  }

  /// Appends a frame that carries `message`, which is encoded in its place. Answers the message's
  /// size.
  @inlinable @discardableResult
  public mutating func append(
    _ frame: borrowing OutgoingFrame,
    encoding message: borrowing some Message,
    using arena: Arena
  ) -> Int {
    unsafe append(frame, packing: message.makePackable(in: arena))
  }

  /// Appends a frame that carries what `packable` says. Answers the message's size.
  @discardableResult
  public mutating func append(
    _ frame: borrowing OutgoingFrame,
    packing packable: UnsafePointer<ProtobufCMessage>
  ) -> Int {
    let size = unsafe protobuf_c_message_get_packed_size(packable)
    unsafe append(frame, messageBytes: size) { room in
      unsafe protobuf_c_message_pack(packable, room.assumingMemoryBound(to: UInt8.self))
    }
    return size
  }

  /// Appends the answer to most calls: CLOSE with status OK, one message and no trailers.
  public mutating func appendClose(
    call: UInt32,
    packing packable: UnsafePointer<ProtobufCMessage>
  ) {
    let size = unsafe protobuf_c_message_get_packed_size(packable)
    unsafe appending(atMost: FrameCursor.fixedBytesMax + size) { room in
      var cursor = unsafe FrameCursor(room)
      cursor.put(field: 1, UInt64(FrameKind.close.rawValue))
      cursor.put(field: 2, UInt64(call))
      unsafe cursor.put(field: 6, byteCount: size) { room in
        unsafe protobuf_c_message_pack(packable, room.assumingMemoryBound(to: UInt8.self))
      }
      return cursor.finish()
    }
  }

  /// Appends a frame whose fields behind its kind and number are packed already.
  public mutating func append(_ kind: FrameKind, call: UInt32, packed tail: [UInt8]) {
    unsafe appending(atMost: FrameCursor.fixedBytesMax + tail.count) { room in
      var cursor = unsafe FrameCursor(room)
      cursor.put(field: 1, UInt64(kind.rawValue))
      cursor.put(field: 2, UInt64(call))
      unsafe tail.withUnsafeBytes { unsafe cursor.put(packed: $0) }
      return cursor.finish()
    }
  }

  private mutating func append(
    _ frame: borrowing OutgoingFrame,
    messageBytes: Int,
    _ putMessage: (UnsafeMutableRawPointer) -> Void
  ) {
    let bound =
      FrameCursor.fixedBytesMax + frame.method.utf8.count + frame.metadata.packedBytesMax
      + messageBytes + frame.reason.utf8.count
    unsafe appending(atMost: bound) { room in
      var cursor = unsafe FrameCursor(room)
      cursor.put(field: 1, UInt64(frame.kind.rawValue))
      cursor.put(field: 2, UInt64(frame.call))
      cursor.put(field: 3, frame.method)
      cursor.put(field: 4, UInt64(frame.timeoutMs))
      if !frame.metadata.isEmpty { cursor.put(field: 5, frame.metadata) }
      if messageBytes > 0 { unsafe cursor.put(field: 6, byteCount: messageBytes, putMessage) }
      cursor.put(field: 7, frame.isLast ? 1 : 0)
      cursor.put(field: 8, UInt64(frame.status.rawValue))
      cursor.put(field: 9, frame.reason)
      cursor.put(field: 10, UInt64(frame.credit))
      cursor.put(field: 11, frame.nonce)
      if let settings = frame.settings { cursor.put(field: 12, settings) }
      return cursor.finish()
    }
  }
}

extension Metadata {
  /// The most that the entries take on the wire: each key and value with its tag and length, and
  /// the entry's own.
  fileprivate var packedBytesMax: Int { count * 16 + byteCount }
}

/// Puts protobuf fields down where it stands. Whoever makes one has made room.
@safe private struct FrameCursor {
  /// What the length prefix and every field take, without the bytes of method, metadata, message
  /// and reason.
  static let fixedBytesMax = 128

  private let start: UnsafeMutableRawPointer
  private var at: UnsafeMutableRawPointer

  /// Stands behind the length prefix of a frame that begins at `start`.
  init(_ start: UnsafeMutableRawPointer) {
    unsafe self.start = unsafe start
    unsafe at = unsafe start + FrameSplitter.prefixBytes
  }

  /// Writes the prefix, now that the length is known, and answers the size of all.
  func finish() -> Int {
    let total = unsafe at - start
    unsafe start.storeBytes(
      of: UInt32(total - FrameSplitter.prefixBytes).bigEndian,
      as: UInt32.self
    )
    return total
  }

  /// A number, unless it is 0.
  mutating func put(field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    put(byte: field << 3)
    put(varint: value)
  }

  /// A text, unless it is empty.
  mutating func put(field: UInt8, _ text: String) {
    guard !text.isEmpty else { return }
    var text = text
    text.withUTF8 { unsafe put(field: field, UnsafeRawBufferPointer($0)) }
  }

  mutating func put(field: UInt8, _ bytes: UnsafeRawBufferPointer) {
    unsafe put(field: field, byteCount: bytes.count) { room in
      if let source = bytes.baseAddress {
        unsafe room.copyMemory(from: source, byteCount: bytes.count)
      }
    }
  }

  @inline(__always)
  mutating func put(
    field: UInt8,
    byteCount: Int,
    _ body: (UnsafeMutableRawPointer) -> Void
  ) {
    put(byte: field << 3 | 2)
    put(varint: UInt64(byteCount))
    unsafe body(at)
    unsafe at += byteCount
  }

  mutating func put(packed fields: UnsafeRawBufferPointer) {
    guard let source = fields.baseAddress else { return }
    unsafe at.copyMemory(from: source, byteCount: fields.count)
    unsafe at += fields.count
  }

  mutating func put(field: UInt8, _ metadata: Metadata) {
    var cursor = self
    unsafe metadata.forEach { key, value in
      let inner = Self.size(ofBytes: key.count) + Self.size(ofBytes: value.count)
      cursor.put(byte: field << 3 | 2)
      cursor.put(varint: UInt64(inner))
      unsafe cursor.put(field: 1, key)
      unsafe cursor.put(field: 2, value)
    }
    self = cursor
  }

  mutating func put(field: UInt8, _ settings: Settings) {
    let values = [settings.frameBytesMax, settings.openCallsMax, settings.pingIntervalMsMin]
    let inner = values.reduce(0) { $0 + ($1 == 0 ? 0 : 1 + Self.size(ofVarint: UInt64($1))) }
    put(byte: field << 3 | 2)
    put(varint: UInt64(inner))
    for (index, value) in values.enumerated() { put(field: UInt8(index + 1), UInt64(value)) }
  }

  private mutating func put(byte: UInt8) {
    unsafe at.storeBytes(of: byte, as: UInt8.self)
    unsafe at += 1
  }

  private mutating func put(varint value: UInt64) {
    var value = value
    while value >= 0x80 {
      put(byte: UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    put(byte: UInt8(value))
  }

  private static func size(ofBytes count: Int) -> Int { 1 + size(ofVarint: UInt64(count)) + count }

  private static func size(ofVarint value: UInt64) -> Int {
    max(1, (64 - value.leadingZeroBitCount + 6) / 7)
  }
}
