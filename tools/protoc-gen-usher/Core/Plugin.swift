import CDescriptor
package import Descriptors

/// Answers protoc.
package enum Plugin {
  /// Generates what `request` asks for, and returns the response to write.
  package static func response(to request: [UInt8]) throws(Unreadable) -> [UInt8] {
    let request = try UnpackedRequest(request: request)
    let raw = request.message.pointee
    let wanted = Set(
      UnsafeBufferPointer(start: raw.file_to_generate, count: raw.n_file_to_generate)
        .map { text($0) }
    )
    let parameters = text(raw.parameter).split(separator: ",")
    guard let module = parameters.first(where: { $0.hasPrefix("c_module=") }) else {
      return response(error: "say --usher_opt=c_module=NAME: the module of protoc-c's output")
    }
    let schema = Schema(request, generating: wanted.contains)
    let problems = schema.problems()
    guard problems.isEmpty else {
      return response(error: problems.map(\.description).joined(separator: "\n"))
    }
    return response(files: Generator(schema, cModule: String(module.dropFirst(9))).files())
  }

  /// A CodeGeneratorResponse: `error` is field 1, `supported_features` 2, `file` 15. A file's name is
  /// field 1, and its content 15.
  private static func response(error: String? = nil, files: [GeneratedFile] = []) -> [UInt8] {
    var response: [UInt8] = []
    if let error { response.appendField(1, Array(error.utf8)) }
    // Proto3 `optional` is said to be known, so that it is refused in the plugin's own words.
    response += [2 << 3, 1]
    for file in files {
      var packed: [UInt8] = []
      packed.appendField(1, Array(file.path.utf8))
      packed.appendField(15, Array(file.content.utf8))
      response.appendField(15, packed)
    }
    return response
  }
}

extension [UInt8] {
  /// Appends a field that has a length. Numbers up to 15 fit one byte.
  fileprivate mutating func appendField(_ number: UInt8, _ content: [UInt8]) {
    append(number << 3 | 2)
    var length = content.count
    while length > 127 {
      append(UInt8(length & 127) | 128)
      length >>= 7
    }
    append(UInt8(length))
    self += content
  }
}
