public import Wire

/// Feeds arbitrary bytes to generated messages.
public struct MessageTarget {
  private let types: [any Message.Type]
  private let arena = Arena()

  /// A target for each of `types`.
  public init(_ types: [any Message.Type]) {
    precondition(!types.isEmpty && types.count <= 256)
    self.types = types
  }

  /// The first byte of the input says which message the rest should be.
  public func run(_ input: UnsafeRawBufferPointer) throws(Broken) {
    guard let first = input.first else { return }
    let type = types[Int(first) % types.count]
    try roundTrip(type, UnsafeRawBufferPointer(rebasing: input[1...]))
  }

  /// As ``run(_:)``, but with every message, since an input that is kept outlives the list's order.
  public func runAll(_ input: UnsafeRawBufferPointer) throws(Broken) {
    for type in types { try roundTrip(type, UnsafeRawBufferPointer(rebasing: input.dropFirst())) }
  }

  private func roundTrip<Value: Message>(
    _ type: Value.Type,
    _ bytes: UnsafeRawBufferPointer
  ) throws(Broken) {
    let value: Value
    do throws(DecodeFailure) {
      value = try decode(bytes)
    } catch {
      return
    }
    // What was read, written and read again, is the same; a NaN is unlike itself, but its bytes
    // are not.
    let written = encode(value)
    let again: Value
    do throws(DecodeFailure) {
      again = try written.withUnsafeBufferPointer { (bytes) throws(DecodeFailure) in
        try decode(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw Broken(description: "\(value) was written, but does not decode: \(error)")
    }
    try require(again == value || encode(again) == written, "\(value) came back as \(again)")
  }

  private func decode<Value: Message>(
    _ bytes: UnsafeRawBufferPointer
  ) throws(DecodeFailure) -> Value {
    arena.reset(budget: FrameView.unpackingBudget(frameBytes: bytes.count))
    return try Value(decoding: bytes, in: arena)
  }

  private func encode(_ value: some Message) -> [UInt8] {
    arena.reset()
    var buffer = ByteBuffer()
    value.encode(into: &buffer, using: arena)
    return buffer.withBytes { [UInt8]($0) }
  }
}
