internal import Descriptors

/// Turns one type of message from JSON into its encoding and back, by its description alone.
///
/// JSON is as protobuf's own mapping has it, with the schema's names of fields: 64-bit integers are
/// text when written, and either when read; bytes are base64; enums go by name, or by number where a
/// value has no name; NaN and the infinities are text. What JSON cannot mean is refused, and never
/// guessed: unknown fields, a field twice, two fields of one choice. The types of Google's that have
/// a JSON form of their own are in no schema of ours, and have none here.
package struct MessageCodec: Sendable {
  let catalog: Catalog
  let layout: MessageLayout
  let limits: CodecLimits

  /// A codec of the message with that full name; nil if the schema has none.
  package init?(_ message: String, in catalog: Catalog, limits: CodecLimits = .defaults) {
    guard let layout = catalog.layout(of: message) else { return nil }
    self.catalog = catalog
    self.layout = layout
    self.limits = limits
  }

  /// The encoding of the message that `json` is. Its fields are in the order of their numbers, and
  /// those at their defaults are left out. `position` is where the text began.
  package func encode(
    json: [UInt8],
    startingAt position: TextPosition = .first
  ) throws(CodecFailure) -> [UInt8] {
    guard json.count <= limits.jsonBytesMax else {
      throw CodecFailure(path: "", reason: "the JSON has over \(limits.jsonBytesMax) bytes")
    }
    var encoder = JSONToMessage(catalog: catalog, limits: limits, json, startingAt: position)
    return try encoder.encode(layout)
  }

  /// A message as JSON, and what of it the schema does not know.
  package struct Decoded: Hashable, Sendable {
    /// The JSON.
    package var json: String
    /// Where there are fields that the schema does not know, each place once: `place.wait: field 9`.
    package var unknownFields: [String] = []
  }

  /// The JSON of the message that `bytes` encode. With `allFields` those at their defaults are
  /// written too, unless their presence means something.
  package func decode(
    _ bytes: [UInt8],
    allFields: Bool = false,
    isSpread: Bool = false
  ) throws(CodecFailure) -> Decoded {
    var decoder = MessageToJSON(
      catalog: catalog,
      limits: limits,
      writesAllFields: allFields,
      writer: JSONWriter(isSpread: isSpread)
    )
    let result: Result<Void, CodecFailure> = unsafe bytes.withUnsafeBytes { bytes in
      Result { () throws(CodecFailure) in try unsafe decoder.decode(layout, [bytes]) }
    }
    try result.get()
    return Decoded(json: decoder.writer.text, unknownFields: decoder.unknownFields)
  }
}
