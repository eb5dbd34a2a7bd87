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
    var cursor = unsafe FieldCursor(bytes)
    var found = Found()
    do throws(DecodeFailure) {
      while let field = try cursor.next() {
        switch (field.number, field.value) {
        case (1, .varint(let value)):
          found.kind = FrameKind(rawValue: UInt32(truncatingIfNeeded: value))
        case (2, .varint(let value)): found.call = UInt32(truncatingIfNeeded: value)
        default: break
        }
      }
    } catch {
      return nil
    }
    return found
  }
}
