internal import Descriptors

extension MessageCodec {
  /// JSON with every field that the message can have, for a person to fill in: numbers are 0, texts
  /// empty, enums at their first value but for the one that means none, lists and maps with one
  /// element. Of fields that exclude each other only the first is there.
  package func template() -> String {
    var writer = TemplateWriter(catalog: catalog)
    writer.write(layout)
    return writer.json.text
  }
}

private struct TemplateWriter {
  let catalog: Catalog
  var json = JSONWriter(isSpread: true)
  /// The messages that are open: one that can hold itself is not opened again.
  private var open: Set<String> = []

  init(catalog: Catalog) { self.catalog = catalog }

  mutating func write(_ layout: MessageLayout) {
    json.beginObject()
    if open.insert(layout.message.fullName).inserted {
      var choices: Set<String> = []
      for field in layout.fields {
        if let choice = field.schema.oneof, !choices.insert(choice).inserted { continue }
        json.key(field.schema.name)
        write(field)
      }
      open.remove(layout.message.fullName)
    }
    json.endObject()
  }

  private mutating func write(_ field: FieldLayout) {
    switch field.shape {
    case .single: write(field.schema.type)
    case .list:
      json.beginArray()
      write(field.schema.type)
      json.endArray()
    case .map(let key, let value):
      json.beginObject()
      json.key(Scalar(defaultOf: key).keyText)
      write(value)
      json.endObject()
    }
  }

  private mutating func write(_ type: FieldType) {
    switch type {
    case .message(let name):
      if let layout = catalog.layout(of: name) { return write(layout) }
      json.beginObject()
      json.endObject()
    case .enumeration(let name):
      let values = catalog.enumeration(name)?.values ?? []
      json.string((values.first { $0.number != 0 } ?? values.first)?.name ?? "")
    default:
      Scalar(defaultOf: type).write(to: &json, as: type, enums: catalog.enumeration)
    }
  }
}
