public import Arguments

/// All that is wrong with a scenario, in the order of the file where it comes from one.
public struct ScenarioFaults: Error, Hashable, CustomStringConvertible {
  /// Never empty.
  public let errors: [UsageError]

  /// A line for each.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}
