extension Message {
  /// The message's bytes.
  public func encoded() -> [UInt8] {
    var buffer = ByteBuffer()
    encode(into: &buffer, using: Arena())
    return unsafe buffer.withBytes { unsafe [UInt8]($0) }
  }

  /// Reads a message from `bytes`, spending at most `budget` on it.
  public init(decoding bytes: [UInt8], budget: Int = .max) throws(DecodeFailure) {
    let arena = Arena()
    arena.reset(budget: budget)
    self = try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(DecodeFailure) in
      try unsafe Self(decoding: UnsafeRawBufferPointer(bytes), in: arena)
    }
  }
}
