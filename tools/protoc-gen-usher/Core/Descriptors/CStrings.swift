package import CDescriptor

/// The text of a C string, empty where there is none.
func text(_ string: UnsafePointer<CChar>?) -> String {
  string.map { String(cString: $0) } ?? ""
}

/// The things that a list of pointers points to.
func items<Struct>(
  _ list: UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>?,
  _ count: Int
) -> [UnsafeMutablePointer<Struct>] {
  UnsafeBufferPointer(start: list, count: list == nil ? 0 : count).compactMap { $0 }
}

/// One file as protobuf-c unpacked it.
package typealias CFile = UnsafeMutablePointer<Google__Protobuf__FileDescriptorProto>
typealias CMessage = UnsafeMutablePointer<Google__Protobuf__DescriptorProto>
typealias CField = UnsafeMutablePointer<Google__Protobuf__FieldDescriptorProto>
typealias CEnum = UnsafeMutablePointer<Google__Protobuf__EnumDescriptorProto>
typealias CService = UnsafeMutablePointer<Google__Protobuf__ServiceDescriptorProto>
typealias CMethod = UnsafeMutablePointer<Google__Protobuf__MethodDescriptorProto>
