internal import Spelling

/// What a command line says.
public struct ParsedArguments: Sendable, Hashable {
  /// The values of each flag that was given; a flag without a value has `true`.
  public private(set) var values: [String: [String]] = [:]
  /// The words that belong to no flag, in order.
  public private(set) var words: [String] = []

  /// Reads `arguments`, which do not hold the program's own name.
  public init(_ arguments: [String], flags: [Flag]) throws(UsageError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument != "-" else {
        words.append(argument)
        continue
      }
      if argument == "--" {
        words += rest
        return
      }
      try take(argument, &rest, flags)
    }
  }

  /// The last value given to a flag.
  public subscript(name: String) -> String? { values[name]?.last }

  /// Whether a flag was given.
  public func has(_ name: String) -> Bool { values[name] != nil }

  private mutating func take(
    _ argument: String,
    _ rest: inout ArraySlice<String>,
    _ flags: [Flag]
  ) throws(UsageError) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = Self.longName(of: String(parts[0]))
    guard let flag = flags.first(where: { $0.name == name }) else {
      throw UsageError(
        "there is no flag \(parts[0])",
        hint: Self.similar(to: name, among: flags.map(\.name))
      )
    }
    let value: String
    if flag.placeholder == nil {
      guard parts.count == 1 else { throw UsageError("--\(name) takes no value") }
      value = "true"
    } else if parts.count == 2 {
      value = String(parts[1])
    } else if let next = rest.first, !next.hasPrefix("--") {
      value = rest.removeFirst()
    } else {
      throw UsageError("--\(name) needs a value", hint: flag.usage)
    }
    guard flag.mayRepeat || values[name] == nil else {
      throw UsageError("--\(name) was given twice")
    }
    values[name, default: []].append(value)
  }

  private static func longName(of argument: String) -> String {
    switch argument {
    case "-h": "help"
    case "-V": "version"
    case "-v": "verbose"
    case "-d": "request"
    default: String(argument.drop { $0 == "-" })
    }
  }

  private static func similar(to name: String, among names: [String]) -> String? {
    nearest(to: name, among: names).map { "a similar one exists: --\($0)" }
  }
}
