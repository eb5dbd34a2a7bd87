/// The idempotency keys under which someone has asked for a change, and was not told that it was made.
struct OpenKeys {
  private struct Key {
    let step: Deed.Step
    /// Whatever is done under it comes after this offset.
    var after: UInt64
    /// How many calls under it have no answer yet.
    var open = 0
    /// Whether one of them will never have one.
    var isLost = false
  }

  private var keys: [String: Key] = [:]

  /// A call under that key goes out. `offset` is the highest that was heard of by then.
  mutating func sent(_ key: String, for step: Deed.Step, knowing offset: UInt64) {
    keys[key, default: Key(step: step, after: offset)].open += 1
  }

  /// The change was made, and whoever asked for it knows what it is.
  mutating func made(_ key: String) { keys[key] = nil }

  /// A call went unanswered, or its answer says nothing of what was done.
  mutating func lost(_ key: String) {
    keys[key]?.open -= 1
    keys[key]?.isLost = true
  }

  /// A call was refused that went out when `offset` was the highest that was heard of: had the change
  /// been made by then, it would have been answered with that.
  mutating func refused(_ key: String, knowing offset: UInt64) {
    guard var one = keys[key] else { return }
    one.open -= 1
    one.after = max(one.after, offset)
    keys[key] = one.open == 0 && !one.isLost ? nil : one
  }

  /// All of which it will never be known, and none from here on.
  mutating func close(of user: String) -> [Facts.Unanswered] {
    defer { keys = [:] }
    return keys.values.map { Facts.Unanswered(user: user, step: $0.step, after: $0.after) }
      .sorted { ($0.after, $0.step.rawValue) < ($1.after, $1.step.rawValue) }
  }
}
