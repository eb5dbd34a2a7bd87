internal import Dispatch
internal import Glibc

/// Standard input of this process, read on a thread that may wait for it.
enum StandardInput {
  private static let queue = DispatchQueue(label: "usher.stdin")
  private static let pieceBytesMax = 64 << 10

  /// The next piece; nil when no more comes, or when the task is cancelled meanwhile.
  static func next() async -> [UInt8]? {
    let (pieces, piece) = AsyncStream.makeStream(
      of: [UInt8].self,
      bufferingPolicy: .bufferingOldest(1)
    )
    queue.async {
      if let bytes = read() { piece.yield(bytes) }
      piece.finish()
    }
    var iterator = pieces.makeAsyncIterator()
    return await iterator.next()
  }

  private static func read() -> [UInt8]? {
    while true {
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: pieceBytesMax) { room, used in
        count = Glibc.read(STDIN_FILENO, room.baseAddress, room.count)
        used = max(count, 0)
      }
      if count < 0, errno == EINTR { continue }
      return count > 0 ? bytes : nil
    }
  }
}
