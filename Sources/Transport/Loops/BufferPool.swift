internal import RPCCore
internal import Wire

/// Output buffers that no connection needs at the moment. An idle connection has none.
struct BufferPool {
  private static let kept = 64
  private static let freshBytes = 16 << 10
  private static let keptBytesMax = 256 << 10

  private var spare: [OutputBuffer] = []

  mutating func take() -> OutputBuffer {
    spare.popLast() ?? OutputBuffer(capacity: Self.freshBytes)
  }

  /// Keeps the buffer for the next connection, unless it has grown large or enough are kept.
  mutating func giveBack(_ buffer: OutputBuffer) {
    guard spare.count < Self.kept, buffer.bytes.capacity <= Self.keptBytesMax else { return }
    buffer.bytes.removeAll()
    spare.append(buffer)
  }
}
