internal import Descriptors
internal import RPCCore
internal import Reflection
internal import Wire

/// Shows the frames that a call would send, byte by byte.
struct UnsentCall {
  let catalog: Catalog
  let method: CatalogMethod
  let requests: RequestSource
  let options: CallOptions

  private static let frame = "usher.rpc.v1.Frame"

  /// The lines to print. On a new connection the call is the first.
  func lines() async throws -> [String] {
    let descriptor = MethodDescriptor(method)
    let opening = OutgoingFrame(opening: descriptor, as: 1, options: options)
    var lines: [String] = []
    if descriptor.kind.takesOneRequest {
      lines += list(opening, carrying: try await requests.onlyRequest())
    } else {
      lines += list(opening)
      var reader = requests.makeReader()
      while let request = try await reader.next() {
        lines += [""] + list(OutgoingFrame(.message, call: 1), carrying: request)
      }
      lines += [""] + list(OutgoingFrame(.end, call: 1))
    }
    return lines
  }

  private func list(_ frame: OutgoingFrame, carrying message: [UInt8] = []) -> [String] {
    var buffer = ByteBuffer()
    message.withUnsafeBytes { buffer.append(frame, message: $0) }
    let bytes = buffer.withBytes { [UInt8]($0) }
    let length = bytes.prefix(FrameSplitter.prefixBytes)
    let fields = Array(bytes.dropFirst(length.count))
    var listing = MessageListing(
      catalog,
      embedded: ["\(Self.frame).message": method.schema.request]
    )
    listing.add(Array(length), note: "a frame of \(fields.count) bytes")
    listing.add(fields, as: Self.frame)
    return listing.lines
  }
}
