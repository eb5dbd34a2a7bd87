import Glibc

/// Why the tool stops, in words for whoever ran it.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Everything that is left to read from a file descriptor.
func readAll(_ file: Int32) throws -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count = read(file, &chunk, chunk.count)
    guard count >= 0 else { throw Failure("cannot read: \(String(cString: strerror(errno)))") }
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

func readAll(path: String) throws -> [UInt8] {
  let file = open(path, O_RDONLY)
  guard file >= 0 else { throw Failure("cannot read \(path)") }
  defer { close(file) }
  return try readAll(file)
}

func writeAll(_ bytes: [UInt8], to file: Int32) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    guard count > 0 else { throw Failure("cannot write: \(String(cString: strerror(errno)))") }
    rest = rest.dropFirst(count)
  }
}

func writeAll(_ bytes: [UInt8], path: String) throws {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  guard file >= 0 else { throw Failure("cannot write \(path)") }
  defer { close(file) }
  try writeAll(bytes, to: file)
}
