import Scenarios
import Testing
import Threads
import UsherAPI

/// A server that does something wrong, and what a rehearsal has to say of it.
struct Fault: Sendable, CustomTestStringConvertible {
  let name: String
  /// The verdicts that have to be broken.
  let breaks: Set<String>
  /// Those that may be as well, because they follow from what is wrong.
  let mayBreak: Set<String>
  /// What a case says of it.
  let says: String
  /// The sale that brings it out.
  let scenario: Scenario
  /// What is wrong, anew for each server.
  let tampering: @Sendable () -> Tampering

  init(
    _ name: String,
    breaks: Set<String>,
    mayBreak: Set<String> = [],
    says: String,
    in change: (inout Scenario) -> Void = { _ in },
    _ plant: @escaping @Sendable (inout Tampering) -> Void
  ) {
    self.name = name
    self.breaks = breaks
    self.mayBreak = mayBreak
    self.says = says
    var scenario = Scenario.small
    change(&scenario)
    self.scenario = scenario
    tampering = {
      var tampering = Tampering()
      plant(&tampering)
      return tampering
    }
  }

  var testDescription: String { name }

  static let all = ofSeats + ofMoney + ofGates + ofAnswers + ofKeys + ofEvents
}

/// The first of something that is met, or a later one, and that one again whenever it is met again.
final class Chosen<Value: Hashable & Sendable>: Sendable {
  private let state: Guarded<(skipped: Set<Value>, value: Value?)> = Guarded(([], nil))
  private let skips: Int

  init(after skips: Int = 0) { self.skips = skips }

  /// What was chosen; nil as long as nothing was.
  var value: Value? { state.withLock { $0.value } }

  func isIt(_ value: Value) -> Bool {
    state.withLock { state in
      if state.value == nil, !state.skipped.contains(value) {
        if state.skipped.count < skips {
          state.skipped.insert(value)
        } else {
          state.value = value
        }
      }
      return state.value == value
    }
  }
}

extension Event {
  /// The event with another content.
  func saying(_ what: What) -> Event {
    var event = self
    event.what = what
    return event
  }
}
