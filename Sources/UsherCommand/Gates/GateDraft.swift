internal import UsherAPI

/// All that an operator says of a gate, as it is sent whole.
struct GateDraft: Hashable, Sendable {
  var policy = GatePolicy()
  var opensMs: Int64 = 0
  var lottery = false
  var message = ""

  /// An opening that has passed, by whatever clock: 0 would leave it as it was announced.
  static let now: Int64 = 1

  /// What a new gate begins with: the server fills in what is usual.
  init() {}

  /// What is said of a gate now.
  init(_ gate: Gate) {
    policy = gate.policy ?? GatePolicy()
    opensMs = gate.opensMs
    lottery = gate.lottery
    message = gate.message
  }
}
