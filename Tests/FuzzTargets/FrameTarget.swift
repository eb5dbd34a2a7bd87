import Wire

/// Feeds arbitrary bytes to what reads frames, as a connection would.
public struct FrameTarget {
  /// A target, which keeps nothing between inputs.
  public init() {}

  /// The first byte of the input says in which pieces the rest arrives.
  public func run(_ input: UnsafeRawBufferPointer) throws(Broken) {
    guard let first = input.first else { return }
    let stream = UnsafeRawBufferPointer(rebasing: input[1...])
    let whole = Self.split(stream, pieceBytes: max(stream.count, 1))
    let pieces = Self.split(stream, pieceBytes: Int(first) + 1)
    try require(whole == pieces, "in pieces: \(pieces), whole: \(whole)")
    for frame in whole.frames {
      try frame.withUnsafeBufferPointer { (bytes) throws(Broken) in
        try read(UnsafeRawBufferPointer(bytes))
      }
    }
  }

  private struct Split: Equatable {
    var frames: [[UInt8]] = []
    var fault: FrameFault?
  }

  private static func split(_ stream: UnsafeRawBufferPointer, pieceBytes: Int) -> Split {
    var splitter = FrameSplitter(frameBytesMax: 1 << 20)
    var result = Split()
    do throws(FrameFault) {
      for start in stride(from: 0, to: stream.count, by: pieceBytes) {
        let end = min(start + pieceBytes, stream.count)
        _ = try splitter.split(UnsafeRawBufferPointer(rebasing: stream[start..<end])) { frame in
          result.frames.append([UInt8](frame))
          return true
        }
      }
    } catch {
      result.fault = error
    }
    return result
  }

  private func read(_ bytes: UnsafeRawBufferPointer) throws(Broken) {
    let frame: FrameView
    do throws(DecodeFailure) {
      frame = try FrameView(reading: bytes)
    } catch {
      return
    }
    if let expected = FrameOracle(unpacking: bytes) {
      try require(FrameOracle(frame) == expected, "\(FrameOracle(frame)), protobuf-c: \(expected)")
    }
    try writeAgain(frame)
  }

  /// What was read, written and read again, is the same.
  private func writeAgain(_ frame: FrameView) throws(Broken) {
    guard let copy = Self.copy(frame) else { return }
    var buffer = ByteBuffer()
    buffer.append(copy, message: frame.message)
    try buffer.withBytes { (written) throws(Broken) in
      let frameBytes = UnsafeRawBufferPointer(rebasing: written[FrameSplitter.prefixBytes...])
      let again: FrameView
      do throws(DecodeFailure) {
        again = try FrameView(reading: frameBytes)
      } catch {
        throw Broken(description: "a frame that was written is not read: \(error)")
      }
      let read = Self.copy(again).map { "\($0)" }
      try require(read == "\(copy)", "\(copy) was written, but \(read ?? "nothing") read")
      try require(again.message.elementsEqual(frame.message), "the message has changed")
    }
  }

  /// Everything in the frame but its message; nil for a frame that may not be written.
  private static func copy(_ frame: FrameView) -> OutgoingFrame? {
    guard let kind = frame.kind else { return nil }
    var copy = OutgoingFrame(kind, call: frame.call)
    do throws(MetadataFault) {
      copy.metadata = try frame.metadata()
    } catch {
      return nil
    }
    copy.method = String(decoding: frame.method, as: UTF8.self)
    copy.timeoutMs = frame.timeoutMs
    copy.isLast = frame.isLast
    copy.status = frame.status
    copy.reason = frame.reason
    copy.credit = frame.credit
    copy.nonce = frame.nonce
    copy.settings = frame.settings
    return copy
  }
}
