public import Arguments

/// All that is wrong with a scenario, in the order of the file or of the command line that it comes
/// from.
public struct ScenarioFaults: Error, Hashable, CustomStringConvertible {
  /// Never empty.
  public let errors: [UsageError]

  /// These faults, of which there are some.
  public init(errors: [UsageError]) {
    precondition(!errors.isEmpty, "without faults there is nothing to tell")
    self.errors = errors
  }

  /// A line for each.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}
