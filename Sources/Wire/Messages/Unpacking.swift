public import CProtobufC

// What generated code copies fields with, out of the structs that protobuf-c unpacked. The pointers
// come from protobuf-c, which sets each with its count.

extension UnsafePointer<ProtobufCMessage> {
  /// The struct that begins with this message.
  @inlinable
  public func of<Struct>(_: Struct.Type) -> UnsafePointer<Struct> {
    unsafe UnsafeRawPointer(self).assumingMemoryBound(to: Struct.self)
  }
}

extension Message {
  /// A submessage, or nil where the field is not set.
  @inlinable
  public init?<Struct>(ifUnpacked unpacked: UnsafeMutablePointer<Struct>?) throws(DecodeFailure) {
    guard let unpacked = unsafe unpacked else { return nil }
    unsafe try self.init(
      unpacked: UnsafeRawPointer(unpacked).assumingMemoryBound(to: ProtobufCMessage.self)
    )
  }
}

extension Array where Element: Message {
  /// The submessages of a repeated field.
  @inlinable
  public init<Struct>(
    unpacked messages: UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>?,
    count: Int
  ) throws(DecodeFailure) {
    self = []
    guard let messages = unsafe messages else { return }
    reserveCapacity(count)
    for index in 0..<count {
      unsafe append(try Element(ifUnpacked: messages[index]) ?? Element())
    }
  }
}

extension Array where Element: BitwiseCopyable {
  /// The numbers of a repeated field.
  @inlinable
  public init(unpacked numbers: UnsafeMutablePointer<Element>?, count: Int) {
    unsafe self.init(UnsafeBufferPointer(start: numbers, count: numbers == nil ? 0 : count))
  }
}

extension Array where Element: MessageEnum {
  /// The values of a repeated enum field. `Enumerator` is an enum of C, which is as wide as an int.
  @inlinable
  public init<Enumerator>(unpacked values: UnsafeMutablePointer<Enumerator>?, count: Int) {
    self = []
    guard let values = unsafe values else { return }
    let numbers = unsafe UnsafeRawPointer(values).assumingMemoryBound(to: Int32.self)
    reserveCapacity(count)
    for index in 0..<count { unsafe append(Element(rawValue: numbers[index])) }
  }
}

extension [Bool] {
  /// The truths of a repeated field.
  public init(unpacked truths: UnsafeMutablePointer<protobuf_c_boolean>?, count: Int) {
    self = unsafe UnsafeBufferPointer(start: truths, count: truths == nil ? 0 : count).map {
      $0 != 0
    }
  }
}

extension [UInt8] {
  /// The contents of a bytes field.
  @inlinable
  public init(unpacked bytes: ProtobufCBinaryData) {
    unsafe self.init(
      UnsafeBufferPointer(start: bytes.data, count: bytes.data == nil ? 0 : bytes.len)
    )
  }
}

extension [[UInt8]] {
  /// The contents of a repeated bytes field.
  public init(unpacked blobs: UnsafeMutablePointer<ProtobufCBinaryData>?, count: Int) {
    self = unsafe UnsafeBufferPointer(start: blobs, count: blobs == nil ? 0 : count)
      .map { unsafe [UInt8](unpacked: $0) }
  }
}
