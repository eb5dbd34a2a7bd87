/// The names that protoc-c gives to things.
enum CNames {
  /// A message's struct or an enum's type: `usher.v1.SeatPrices` is `Usher__V1__SeatPrices`.
  static func type(_ fullName: String) -> String {
    parts(fullName).map(camel).joined(separator: "__")
  }

  /// What the symbols of a message begin with: `usher__v1__seat_prices`.
  static func symbol(_ fullName: String) -> String {
    parts(fullName).map(snake).joined(separator: "__")
  }

  /// The function that our own header adds, since Swift cannot take a C global's address.
  static func descriptorAccessor(_ fullName: String) -> String {
    symbol(fullName) + "__get_descriptor"
  }

  /// A field's member in its struct.
  static func field(_ name: String) -> String {
    let lowered = name.lowercased()
    return keywords.contains(lowered) ? lowered + "_" : lowered
  }

  /// The member that says which field of a oneof is set.
  static func oneofCase(_ name: String) -> String { snake(name) + "_case" }

  private static func parts(_ fullName: String) -> [String] {
    fullName.split(separator: ".").map(String.init)
  }

  private static func camel(_ name: String) -> String {
    name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private static func snake(_ name: String) -> String {
    var result = ""
    var wasUpper = true
    for character in name {
      if character.isUppercase && !wasUpper { result += "_" }
      result += character.lowercased()
      wasUpper = character.isUppercase
    }
    return result
  }

  /// What the C compilers define without being asked, and protoc-c does not know.
  static let macros: Set<String> = ["linux", "unix"]

  /// The words of C and C++ that protoc-c puts a line after.
  private static let keywords: Set<String> = [
    "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
    "class", "compl", "const", "const_cast", "continue", "default", "delete", "do", "double",
    "dynamic_cast", "else", "enum", "explicit", "extern", "false", "float", "for", "friend",
    "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "not", "not_eq",
    "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
    "return", "short", "signed", "sizeof", "static", "static_cast", "struct", "switch",
    "template", "this", "throw", "true", "try", "typedef", "typeid", "typename", "union",
    "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
  ]
}
