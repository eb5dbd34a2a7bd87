internal import Arguments
internal import Scenarios

/// What is wrong with what was typed, gathered so that all of it is told at once.
struct Mistakes {
  private var errors: [UsageError] = []

  /// Does `body`. A mistake that it meets is told later, with the flag that it belongs to.
  mutating func gather(in flag: String? = nil, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as UsageError {
      let place = flag.map { "--\($0): " } ?? ""
      errors.append(UsageError(place + error.description, hint: error.hint))
    } catch let faults as ScenarioFaults {
      errors += faults.errors
    }
  }

  /// Tells them, where there are any.
  func tell() throws(ScenarioFaults) {
    guard errors.isEmpty else { throw ScenarioFaults(errors: errors) }
  }
}
