import Descriptors

/// How one field looks in Swift and in C: its type, its default, and the code that copies it.
struct FieldShape {
  let field: SchemaField
  let owner: SchemaMessage
  let names: TypeNames

  var property: String { SwiftNames.property(field.name) }
  var isRepeated: Bool { field.label == .repeated }

  /// The member of the C struct, and the one that counts it.
  private var member: String { CNames.field(field.name) }
  private var memberInC: String { "c.pointee.\(SwiftNames.member(member))" }
  private var countInC: String { "c.pointee.n_\(member)" }
  private var quotedName: String { "\"\(owner.fullName).\(field.name)\"" }

  /// The type of one element.
  var elementType: String {
    switch field.type {
    case .double: "Double"
    case .float: "Float"
    case .int32, .sint32, .sfixed32: "Int32"
    case .int64, .sint64, .sfixed64: "Int64"
    case .uint32, .fixed32: "UInt32"
    case .uint64, .fixed64: "UInt64"
    case .bool: "Bool"
    case .string: "String"
    case .bytes, .group: "[UInt8]"
    case .message(let name), .enumeration(let name): names.type(name)
    }
  }

  /// The property's type.
  var type: String { isRepeated ? "[\(elementType)]" : isMessage ? elementType + "?" : elementType }

  /// The property's default.
  var initial: String {
    if isRepeated { return "[]" }
    switch field.type {
    case .message: return "nil"
    case .enumeration(let name): return names.type(name) + "()"
    case .bool: return "false"
    case .string: return "\"\""
    case .bytes, .group: return "[]"
    default: return "0"
    }
  }

  private var isMessage: Bool {
    if case .message = field.type { true } else { false }
  }

  /// What the field holds, read out of the C struct.
  var unpacked: String {
    if isRepeated { return unpackedList }
    switch field.type {
    case .string: return "try String(unpacked: \(memberInC), field: \(quotedName))"
    case .bytes, .group: return "[UInt8](unpacked: \(memberInC))"
    case .bool: return "\(memberInC) != 0"
    case .message: return "try \(elementType)(ifUnpacked: \(memberInC))"
    case .enumeration:
      return "\(elementType)(rawValue: Int32(truncatingIfNeeded: \(memberInC).rawValue))"
    default: return memberInC
    }
  }

  private var unpackedList: String {
    let list = "(unpacked: \(memberInC), count: \(countInC)"
    switch field.type {
    case .string: return "try [String]\(list), field: \(quotedName))"
    case .message: return "try [\(elementType)]\(list))"
    default: return "[\(elementType)]\(list))"
    }
  }

  /// What the field holds where it is known to be set.
  var unpackedSet: String {
    isMessage && !isRepeated ? "\(unpacked) ?? \(elementType)()" : unpacked
  }

  /// The lines that put `value` into the C struct.
  func packing(_ value: String) -> [String] {
    if isRepeated {
      return ["\(countInC) = \(value).count", "\(memberInC) = \(packedList(value))"]
    }
    switch field.type {
    case .string, .bytes, .group: return ["\(memberInC) = arena.bytes(\(value))"]
    case .bool: return ["\(memberInC) = \(value) ? 1 : 0"]
    case .message: return ["\(memberInC) = arena.message(\(value))"]
    case .enumeration:
      return ["\(memberInC) = .init(rawValue: .init(truncatingIfNeeded: \(value).rawValue))"]
    default: return ["\(memberInC) = \(value)"]
    }
  }

  private func packedList(_ value: String) -> String {
    switch field.type {
    case .string, .bytes, .group: "arena.bytes(\(value))"
    case .bool: "arena.truths(\(value))"
    case .message: "arena.messages(\(value))"
    case .enumeration: "arena.enumerators(\(value))"
    default: "arena.numbers(\(value))"
    }
  }

  /// The lines that put the property into the C struct, if there is anything to put.
  var packing: [String] {
    guard isMessage, !isRepeated else { return packing("self.\(property)") }
    return ["if let value = self.\(property) {"] + packing("value").map { "  " + $0 } + ["}"]
  }
}
