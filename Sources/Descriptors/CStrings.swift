package import CDescriptor

/// The text of a C string, empty where there is none.
package func text(_ string: UnsafePointer<CChar>?) -> String {
  string.map { String(cString: $0) } ?? ""
}

/// The things that a list of pointers points to.
package func items<Struct>(
  _ list: UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>?,
  _ count: Int
) -> [UnsafeMutablePointer<Struct>] {
  UnsafeBufferPointer(start: list, count: list == nil ? 0 : count).compactMap { $0 }
}

/// One file as protobuf-c unpacked it.
package typealias CFile = UnsafeMutablePointer<Google__Protobuf__FileDescriptorProto>
package typealias CMessage = UnsafeMutablePointer<Google__Protobuf__DescriptorProto>
package typealias CField = UnsafeMutablePointer<Google__Protobuf__FieldDescriptorProto>
package typealias CEnum = UnsafeMutablePointer<Google__Protobuf__EnumDescriptorProto>
package typealias CService = UnsafeMutablePointer<Google__Protobuf__ServiceDescriptorProto>
package typealias CMethod = UnsafeMutablePointer<Google__Protobuf__MethodDescriptorProto>
