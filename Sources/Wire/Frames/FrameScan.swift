/// Finds what is needed to answer a frame that may not be unpacked, in one pass and without memory.
public enum FrameScan {
  /// The kind and call that a frame names, as far as it can be read.
  public struct Found: Hashable, Sendable {
    /// The frame's kind; nil if it names none that is known.
    public var kind: FrameKind?
    /// The frame's call; 0 if it names none.
    public var call: UInt32 = 0
  }

  /// Reads the fields `kind` and `call` of a frame; nil if the bytes are not a message at all. As
  /// in any protobuf message, the last of several values counts; whatever protobuf-c unpacks is
  /// read, so a field of number 0 is skipped, though the encoding knows none.
  public static func scan(_ bytes: UnsafeRawBufferPointer) -> Found? {
    var cursor = unsafe Cursor(bytes: bytes)
    var found = Found()
    while !cursor.isAtEnd {
      guard let tag = cursor.varint() else { return nil }
      switch (tag >> 3, tag & 7) {
      case (1, 0):
        guard let value = cursor.varint() else { return nil }
        found.kind = FrameKind(rawValue: UInt32(truncatingIfNeeded: value))
      case (2, 0):
        guard let value = cursor.varint() else { return nil }
        found.call = UInt32(truncatingIfNeeded: value)
      case (_, let wireType):
        guard cursor.skip(wireType) else { return nil }
      }
    }
    return found
  }

  @safe private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var at = 0

    var isAtEnd: Bool { unsafe at == bytes.count }

    init(bytes: UnsafeRawBufferPointer) { unsafe self.bytes = unsafe bytes }

    mutating func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 70, by: 7) {
        guard unsafe at < bytes.count else { return nil }
        let byte = unsafe bytes[at]
        at += 1
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { return value }
      }
      return nil
    }

    mutating func skip(_ wireType: UInt64) -> Bool {
      switch wireType {
      case 0: return varint() != nil
      case 1: return advance(8)
      case 2:
        guard let length = varint() else { return false }
        return advance(length)
      case 5: return advance(4)
      default: return false
      }
    }

    private mutating func advance(_ count: UInt64) -> Bool {
      guard unsafe count <= UInt64(bytes.count - at) else { return false }
      at += Int(count)
      return true
    }
  }
}
