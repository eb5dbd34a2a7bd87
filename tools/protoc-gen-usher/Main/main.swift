import Descriptors
import GeneratorCore
import Glibc

// protoc's plugin: reads a CodeGeneratorRequest and writes a CodeGeneratorResponse. With an argument
// it does one of the other things that tools/generate needs done to a FileDescriptorSet.

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  switch (arguments.first, arguments.count) {
  case (nil, _):
    try writeAll(Plugin.response(to: readAll(STDIN_FILENO)), to: STDOUT_FILENO)
  case ("--for-protoc-c", 3):
    let set = try UnpackedSet(set: readAll(path: arguments[1]))
    set.rewriteForC()
    try writeAll(set.packed(), path: arguments[2])
  case ("--embed", 5):
    let set = try UnpackedSet(set: readAll(path: arguments[1]))
    set.keepOnlyComments()
    let embedded = EmbeddedBytes(arguments[2], set.packed())
    let header = arguments[4].split(separator: "/").last.map(String.init) ?? arguments[4]
    try writeAll(Array(embedded.source(including: header).utf8), path: arguments[3])
    try writeAll(Array(embedded.header.utf8), path: arguments[4])
  default:
    throw Failure(
      """
      usage: protoc-gen-usher                                     as a plugin of protoc
             protoc-gen-usher --for-protoc-c IN.set OUT.set       what protoc-c shall see
             protoc-gen-usher --embed IN.set NAME OUT.c OUT.h     the schema as a constant of C
      """
    )
  }
} catch {
  try? writeAll(Array("\(error)\n".utf8), to: STDERR_FILENO)  // nowhere left to complain
  exit(1)
}
