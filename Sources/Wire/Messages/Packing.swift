public import CProtobufC

// What generated code fills fields with, in the structs that protobuf-c packs. All of it lives in
// the arena, outside its budget: what we send is ours, and not a peer's to limit.

extension UnsafeMutablePointer<ProtobufCMessage> {
  /// The struct that begins with this message.
  @inlinable
  public func of<Struct>(_: Struct.Type) -> UnsafeMutablePointer<Struct> {
    unsafe UnsafeMutableRawPointer(self).assumingMemoryBound(to: Struct.self)
  }
}

extension Arena {
  /// The struct of `descriptor`'s type, with every field at its default: in proto3 that is zero,
  /// which is also what protobuf-c's own initialisers write.
  public func new(
    _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> UnsafeMutablePointer<ProtobufCMessage> {
    let size = unsafe descriptor.pointee.sizeof_message
    let room = unsafe roomForPacking(size)
    unsafe room.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    let message = unsafe room.assumingMemoryBound(to: ProtobufCMessage.self)
    unsafe message.pointee.descriptor = unsafe descriptor
    return unsafe message
  }

  /// A string field.
  public func bytes(_ text: String) -> ProtobufCBinaryData {
    var text = text
    return text.withUTF8 { unsafe self.bytes(UnsafeRawBufferPointer($0)) }
  }

  /// A bytes field.
  public func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
    unsafe bytes.withUnsafeBytes { unsafe self.bytes($0) }
  }

  /// A bytes field.
  func bytes(_ source: UnsafeRawBufferPointer) -> ProtobufCBinaryData {
    guard let base = source.baseAddress, source.count > 0 else {
      return unsafe ProtobufCBinaryData()
    }
    let room = unsafe roomForPacking(source.count)
    unsafe room.copyMemory(from: base, byteCount: source.count)
    return unsafe ProtobufCBinaryData(
      len: source.count,
      data: room.assumingMemoryBound(to: UInt8.self)
    )
  }

  /// A repeated string field.
  public func bytes(_ texts: [String]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
    unsafe list(texts.count) { unsafe bytes(texts[$0]) }
  }

  /// A repeated bytes field.
  public func bytes(_ blobs: [[UInt8]]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
    unsafe list(blobs.count) { unsafe bytes(blobs[$0]) }
  }

  /// A repeated field of numbers.
  @inlinable
  public func numbers<Number: BitwiseCopyable>(
    _ numbers: [Number]
  ) -> UnsafeMutablePointer<Number>? {
    unsafe list(numbers.count) { numbers[$0] }
  }

  /// A repeated field of truths.
  public func truths(_ truths: [Bool]) -> UnsafeMutablePointer<protobuf_c_boolean>? {
    unsafe list(truths.count) { truths[$0] ? 1 : 0 }
  }

  /// A repeated enum field. `Enumerator` is an enum of C, which is as wide as an int.
  @inlinable
  public func enumerators<Value: MessageEnum, Enumerator>(
    _ values: [Value]
  ) -> UnsafeMutablePointer<Enumerator>? {
    let numbers: UnsafeMutablePointer<Int32>? = unsafe list(values.count) { values[$0].rawValue }
    return unsafe UnsafeMutableRawPointer(numbers)?.assumingMemoryBound(to: Enumerator.self)
  }

  /// A submessage.
  @inlinable
  public func message<Value: Message, Struct>(_ message: Value) -> UnsafeMutablePointer<Struct> {
    unsafe message.makePackable(in: self).of(Struct.self)
  }

  /// A repeated field of submessages.
  @inlinable
  public func messages<Value: Message, Struct>(
    _ messages: [Value]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>? {
    unsafe list(messages.count) { unsafe message(messages[$0]) }
  }

  /// `count` elements side by side, each as `element` makes it; nil for none.
  @inlinable
  func list<Element>(
    _ count: Int,
    _ element: (Int) -> Element
  ) -> UnsafeMutablePointer<Element>? {
    guard count > 0 else { return nil }
    let room = unsafe roomForPacking(count * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: count)
    for index in 0..<count { unsafe (room + index).initialize(to: element(index)) }
    return unsafe room
  }
}
