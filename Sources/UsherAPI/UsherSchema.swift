import CUsherAPI

/// The schema of the API, as reflection and generic clients want it.
public enum UsherSchema {
  /// A serialized `google.protobuf.FileDescriptorSet` of all files, each after those it imports, with
  /// their comments. The memory is the program's own and never goes away.
  public static var descriptorSet: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: usher_api_schema(), count: usher_api_schema_size())
  }
}
