internal import Reflection

/// A JSON value to be printed on one line, its keys in the order they were given.
enum JSON: Sendable {
  case string(String)
  case number(Int64)
  case bool(Bool)
  case array([JSON])
  case object([(String, JSON)])

  /// The value as it is printed.
  var text: String {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.text
  }

  private func write(to writer: inout JSONWriter) {
    switch self {
    case .string(let string): writer.string(string)
    case .number(let number): writer.number(number)
    case .bool(let bool): writer.bool(bool)
    case .array(let values):
      writer.beginArray()
      for value in values { value.write(to: &writer) }
      writer.endArray()
    case .object(let members):
      writer.beginObject()
      for (key, value) in members {
        writer.key(key)
        value.write(to: &writer)
      }
      writer.endObject()
    }
  }
}
