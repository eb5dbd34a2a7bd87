internal import CProtobufC
internal import CWire
public import Wire

/// A frame as protobuf-c reads it, to compare ours with.
public struct FrameOracle: Hashable {
  private var kind: FrameKind?
  private var call: UInt32
  private var method: [UInt8]
  private var timeoutMs: UInt32
  private var metadata: Result<Metadata, MetadataFault>
  private var message: [UInt8]
  private var isLast: Bool
  private var status: StatusCode
  private var reason: String
  private var credit: UInt32
  private var nonce: UInt64
  private var settings: Settings?

  /// What protobuf-c finds in `bytes`, with all the memory it wants; nil if it refuses them.
  public init?(unpacking bytes: UnsafeRawBufferPointer) {
    let unpacked = protobuf_c_message_unpack(
      usher__rpc__v1__frame__get_descriptor(),
      nil,
      bytes.count,
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    )
    guard let unpacked else { return nil }
    defer { protobuf_c_message_free_unpacked(unpacked, nil) }
    let frame = UnsafeRawPointer(unpacked).assumingMemoryBound(to: Usher__Rpc__V1__Frame.self)
      .pointee
    kind = FrameKind(rawValue: UInt32(truncatingIfNeeded: Int(frame.kind.rawValue)))
    call = frame.call
    method = Self.bytes(frame.method)
    timeoutMs = frame.timeout_ms
    metadata = Self.metadata(of: frame)
    message = Self.bytes(frame.message)
    isLast = frame.last != 0
    status = StatusCode(rawValue: frame.status)
    reason = String(decoding: Self.bytes(frame.reason), as: UTF8.self)
    credit = frame.credit
    nonce = frame.nonce
    settings = (frame.settings?.pointee).map {
      Settings(
        frameBytesMax: $0.frame_bytes_max,
        openCallsMax: $0.open_calls_max,
        pingIntervalMsMin: $0.ping_interval_ms_min
      )
    }
  }

  /// What we found.
  public init(_ view: FrameView) {
    kind = view.kind
    call = view.call
    method = Array(view.method)
    timeoutMs = view.timeoutMs
    metadata = Result { () throws(MetadataFault) in try view.metadata() }
    message = Array(view.message)
    isLast = view.isLast
    status = view.status
    reason = view.reason
    credit = view.credit
    nonce = view.nonce
    settings = view.settings
  }

  private static func metadata(
    of frame: Usher__Rpc__V1__Frame
  ) -> Result<Metadata, MetadataFault> {
    Result { () throws(MetadataFault) in
      var metadata = Metadata()
      guard frame.n_metadata <= Metadata.entriesMax else { throw .tooManyEntries }
      for index in 0..<frame.n_metadata {
        guard let entry = frame.metadata[index]?.pointee else { continue }
        try metadata.add(key: view(entry.key), value: view(entry.value))
      }
      return metadata
    }
  }

  private static func view(_ data: ProtobufCBinaryData) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: data.data, count: data.len)
  }

  private static func bytes(_ data: ProtobufCBinaryData) -> [UInt8] { Array(view(data)) }
}
