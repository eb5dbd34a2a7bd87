internal import Descriptors
internal import Spelling

// MARK: - From JSON

extension Scalar {
  /// The value of that type that a token stands for. `enums` knows the schema's enums by name.
  init(
    _ type: FieldType,
    _ token: JSONReader.Token,
    enums: (String) -> SchemaEnum?
  ) throws(Misfit) {
    switch (type, token) {
    case (.bool, .bool(let truth)): self = .bool(truth)
    case (.string, .string(let text)): self = .string(try Self.checked(text))
    case (.bytes, .string(let text)):
      guard let bytes = Base64.decode(text) else { throw Misfit("the text is not base64") }
      self = .bytes(bytes)
    case (.double, .number(let text)), (.double, .string(let text)):
      self = .double(try Self.floating(text, type, isQuoted: token == .string(text)))
    case (.float, .number(let text)), (.float, .string(let text)):
      self = .float(try Self.floating(text, type, isQuoted: token == .string(text)))
    case (.enumeration(let name), .string(let text)):
      self = .signed(try Self.number(of: text, in: enums(name), named: name))
    case (.enumeration, .number(let text)): self = try Self.integer(text, .int32)
    case (_, .number(let text)) where type.isInteger: self = try Self.integer(text, type)
    case (_, .string(let text)) where type.isInteger: self = try Self.integer(text, type)
    default: throw Misfit("expected \(type.jsonForm), not \(token.name)")
    }
  }

  /// The key of that type that stands in a map, where JSON has text alone.
  init(_ type: FieldType, key: String) throws(Misfit) {
    switch type {
    case .string: self = .string(try Self.checked(key))
    case .bool:
      guard key == "true" || key == "false" else { throw Misfit("the key is not true or false") }
      self = .bool(key == "true")
    default: self = try Self.integer(key, type)
    }
  }

  private static func integer(_ text: String, _ type: FieldType) throws(Misfit) -> Scalar {
    guard let number = DecimalNumber(text) else {
      throw Misfit("expected \(type.jsonForm), not the text \"\(CodecPath.shortened(text))\"")
    }
    do throws(DecimalNumber.Misfit) {
      switch type {
      case .int64, .sint64, .sfixed64: return .signed(try number.integer(Int64.self))
      case .uint64, .fixed64: return .unsigned(try number.integer(UInt64.self))
      case .uint32, .fixed32: return .unsigned(UInt64(try number.integer(UInt32.self)))
      default: return .signed(Int64(try number.integer(Int32.self)))
      }
    } catch {
      let text = CodecPath.shortened(text)
      switch error {
      case .fraction: throw Misfit("\(text) is not a whole number")
      case .range: throw Misfit("\(text) is beyond what \(type.article) can be")
      }
    }
  }

  private static func floating<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ text: String,
    _ type: FieldType,
    isQuoted: Bool
  ) throws(Misfit) -> Number {
    switch text {
    case "NaN" where isQuoted: return .nan
    case "Infinity" where isQuoted: return .infinity
    case "-Infinity" where isQuoted: return -.infinity
    default:
      guard DecimalNumber(text) != nil, let number = Number(text) else {
        throw Misfit("expected \(type.jsonForm), not the text \"\(CodecPath.shortened(text))\"")
      }
      guard number.isFinite else {
        throw Misfit("\(CodecPath.shortened(text)) is beyond what \(type.article) can be")
      }
      return number
    }
  }

  private static func number(
    of value: String,
    in type: SchemaEnum?,
    named name: String
  ) throws(Misfit) -> Int64 {
    guard let type else { throw Misfit("the schema has no enum \(name)") }
    if let known = type.values.first(where: { $0.name == value }) { return Int64(known.number) }
    // Whoever leaves out what all names begin with means the name that ends so.
    let similar =
      type.values.first { $0.name.hasSuffix("_" + value.uppercased()) }?.name
      ?? nearest(to: value, among: type.values.map(\.name))
    throw Misfit(
      "\(name) has no value \"\(CodecPath.shortened(value))\""
        + (similar.map { "; a similar one exists: \($0)" } ?? "")
    )
  }
}

// MARK: - To JSON

extension Scalar {
  /// Writes the value as JSON has one of that type.
  func write(
    to writer: inout JSONWriter,
    as type: FieldType,
    enums: (String) -> SchemaEnum?
  ) {
    switch self {
    case .bool(let truth): writer.bool(truth)
    case .string(let text): writer.string(text)
    case .bytes(let bytes): writer.string(Base64.encode(bytes))
    case .double(let number):
      number.isFinite ? writer.number(number) : writer.string(Self.name(ofInfinite: number))
    case .float(let number):
      number.isFinite ? writer.number(number) : writer.string(Self.name(ofInfinite: number))
    case .unsigned(let number):
      type.isWide ? writer.string("\(number)") : writer.number(number)
    case .signed(let number):
      if case .enumeration(let name) = type,
        let value = enums(name)?.values.first(where: { $0.number == number })
      {
        writer.string(value.name)
      } else if type.isWide {
        writer.string("\(number)")
      } else {
        writer.number(number)
      }
    }
  }

  /// The value as a map's key, where JSON has text alone.
  var keyText: String {
    switch self {
    case .bool(let truth): "\(truth)"
    case .string(let text): text
    case .signed(let number): "\(number)"
    case .unsigned(let number): "\(number)"
    // No map has keys of these types.
    case .double, .float, .bytes: ""
    }
  }

  private static func name(ofInfinite number: some BinaryFloatingPoint) -> String {
    number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
  }
}

extension FieldType {
  /// The name in the schema: `int64`, `usher.v1.Place`.
  package var name: String {
    switch self {
    case .message(let name), .enumeration(let name): name
    default: "\(self)"
    }
  }

  /// The name with the article that it takes.
  fileprivate var article: String {
    let name = name
    return ("aeiou".contains(name.first ?? " ") && !name.hasPrefix("u") ? "an " : "a ") + name
  }

  fileprivate var isInteger: Bool {
    switch self {
    case .double, .float, .bool, .string, .bytes, .group, .message, .enumeration: false
    default: true
    }
  }

  /// What JSON has for a value of the type.
  var jsonForm: String {
    switch self {
    case .bool: "true or false"
    case .string: "a string"
    case .bytes: "a string of base64"
    case .double, .float: "a number, \"NaN\", \"Infinity\" or \"-Infinity\""
    case .enumeration(let name): "the name of a value of \(name), or its number"
    case .message(let name): "an object, which is a \(name)"
    case .int64, .uint64, .sint64, .fixed64, .sfixed64: "a whole number, in quotes or not"
    case .int32, .uint32, .sint32, .fixed32, .sfixed32, .group: "a whole number"
    }
  }
}

extension JSONReader.Token {
  /// What a person calls it.
  var name: String {
    switch self {
    case .beginObject, .endObject: "an object"
    case .beginArray, .endArray: "a list"
    case .key, .string: "a string"
    case .number: "a number"
    case .bool(let truth): "\(truth)"
    case .null: "null"
    }
  }
}
