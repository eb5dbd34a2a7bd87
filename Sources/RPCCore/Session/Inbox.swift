internal import Wire

/// Messages that have arrived and that nobody has taken yet, as bytes, in one run of memory.
struct Inbox: ~Copyable {
  /// What one waiting message counts beside its bytes, so that empty ones are not free.
  static let overheadBytes = 64
  private static let prefixBytes = 4

  private var bytes = ByteBuffer()

  /// How many messages wait.
  private(set) var count = 0

  /// What the waiting messages count, their overhead included.
  var heldBytes: Int { bytes.count + count * (Self.overheadBytes - Self.prefixBytes) }

  mutating func append(_ message: UnsafeRawBufferPointer) {
    withUnsafeBytes(of: UInt32(message.count)) { bytes.append($0) }
    bytes.append(message)
    count += 1
  }

  /// Hands the oldest message to `body` and forgets it.
  mutating func takeFirst<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(count > 0, "nothing waits")
    let length = bytes.withBytes { Int($0.loadUnaligned(as: UInt32.self)) }
    defer {
      bytes.consume(Self.prefixBytes + length)
      count -= 1
      if count == 0 { bytes = ByteBuffer() }
    }
    return try bytes.withBytes { all throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: all[Self.prefixBytes..<Self.prefixBytes + length]))
    }
  }

  mutating func removeAll() {
    bytes = ByteBuffer()
    count = 0
  }
}
