/// Finds frames in a stream of bytes, however the bytes are cut.
///
/// A frame that lies whole in what was received is handed on where it lies. Only a frame that is
/// still incomplete is copied, and the copy grows as bytes arrive, not as the length announces; when
/// nothing is incomplete no memory is held.
public struct FrameSplitter: ~Copyable {
  /// The bytes of the length that stands before each frame.
  public static let prefixBytes = 4

  private let frameBytesMax: Int
  private var incomplete = ByteBuffer()

  /// How many frames were complete so far.
  public private(set) var frameCount: UInt64 = 0

  /// A splitter that refuses frames of more than `frameBytesMax` bytes.
  public init(frameBytesMax: Int) {
    precondition(frameBytesMax > 0 && frameBytesMax < 16 << 20, "a frame is under 16 MiB")
    self.frameBytesMax = frameBytesMax
  }

  /// Whether part of a frame has arrived and the rest has not.
  public var isMidFrame: Bool { !incomplete.isEmpty }

  /// The memory that is held for a frame whose rest has not arrived.
  public var heldBytes: Int { incomplete.capacity }

  /// Hands every frame that `bytes` completes to `body`, without its length prefix, in order. The
  /// frame is gone when `body` returns. `body` answers whether it wants to see more now; what stands
  /// behind the frame after which it did not is answered, for the caller to keep.
  public mutating func split(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) -> Bool
  ) throws(FrameFault) -> UnsafeRawBufferPointer {
    var rest = unsafe bytes
    if isMidFrame {
      guard let frame = try unsafe finishIncomplete(&rest) else { return unsafe rest }
      frameCount &+= 1
      guard unsafe frame.withBytes({ unsafe body(Self.withoutPrefix($0)) }) else {
        return unsafe rest
      }
    }
    while let length = try unsafe Self.length(at: rest, max: frameBytesMax) {
      let end = Self.prefixBytes + length
      guard rest.count >= end else { break }
      let frame = unsafe UnsafeRawBufferPointer(rebasing: rest[..<end])
      unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[end...])
      frameCount &+= 1
      guard unsafe body(Self.withoutPrefix(frame)) else { return unsafe rest }
    }
    unsafe incomplete.append(rest)
    return unsafe UnsafeRawBufferPointer(rebasing: rest[rest.count...])
  }

  /// Completes the frame that was begun earlier with the first of `rest`; nil if that is not enough,
  /// and then nothing is left of `rest`.
  private mutating func finishIncomplete(
    _ rest: inout UnsafeRawBufferPointer
  ) throws(FrameFault) -> ByteBuffer? {
    unsafe take(min(rest.count, max(0, Self.prefixBytes - incomplete.count)), from: &rest)
    let frameBytesMax = frameBytesMax
    let announced = try unsafe incomplete.withBytes { held throws(FrameFault) in
      try unsafe Self.length(at: held, max: frameBytesMax)
    }
    guard let length = announced else { return nil }
    let wanted = Self.prefixBytes + length
    unsafe take(min(rest.count, wanted - incomplete.count), from: &rest)
    guard incomplete.count == wanted else { return nil }
    var frame = ByteBuffer()
    swap(&frame, &incomplete)
    return frame
  }

  private static func withoutPrefix(_ frame: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: frame[prefixBytes...])
  }

  private mutating func take(_ count: Int, from rest: inout UnsafeRawBufferPointer) {
    guard count > 0 else { return }
    unsafe incomplete.append(UnsafeRawBufferPointer(rebasing: rest[..<count]))
    unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[count...])
  }

  /// The length that `bytes` begin with; nil as long as it is not there in full. What is there is
  /// judged at once, so that another protocol's first byte is told from a slow frame.
  private static func length(
    at bytes: UnsafeRawBufferPointer,
    max: Int
  ) throws(FrameFault) -> Int? {
    guard let first = unsafe bytes.first else { return nil }
    guard first == 0 else { throw .notAFrame }
    guard bytes.count >= prefixBytes else { return nil }
    let length = unsafe Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3])
    guard length <= max else { throw .tooLarge(bytes: length) }
    return length
  }
}

/// Why a stream of bytes cannot be read any further.
public enum FrameFault: Error, Hashable {
  /// A frame's length would be 16 MiB or more: this is not our protocol, or the stream is damaged.
  case notAFrame
  /// A frame is larger than was allowed.
  case tooLarge(bytes: Int)
}
