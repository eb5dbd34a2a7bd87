internal import Reflection

extension Scenario {
  /// The scenario as a file that reads as the same one, with everything said that was left to defaults.
  public var json: String {
    var writer = JSONWriter(isSpread: true)
    writer.beginObject()
    writer.key("model")
    writer.string(model.rawValue)
    var section: Substring?
    for field in Field.all {
      guard let value = field.write(self) else { continue }
      let path = field.key.split(separator: ".")
      let own = path.count > 1 ? path[0] : nil
      if own != section {
        if section != nil { writer.endObject() }
        if let own {
          writer.key(String(own))
          writer.beginObject()
        }
        section = own
      }
      writer.key(String(path[path.count - 1]))
      writer.write(value)
    }
    if section != nil { writer.endObject() }
    writer.endObject()
    return writer.text + "\n"
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ value: Field.Written) {
    switch value {
    case .text(let text): string(text)
    case .whole(let value): number(value)
    case .unsigned(let value): number(value)
    case .real(let value) where value == value.rounded() && abs(value) < 0x1p53:
      number(Int64(value))
    case .real(let value) where value.isFinite: number(value)
    case .flag(let value): bool(value)
    case .none, .real: string(Field.none)
    case .list(let texts):
      beginArray()
      for text in texts { string(text) }
      endArray()
    }
  }
}
