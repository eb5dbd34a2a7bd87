/// What a caller has shown in `usher-token`, whose signature was seen: their place in a line, or
/// their way in.
package struct ShownPass: Sendable, Hashable {
  package let claim: LineClaim
  package let isEntry: Bool

  package init(claim: LineClaim, isEntry: Bool) {
    self.claim = claim
    self.isEntry = isEntry
  }
}

/// Which token of a line a method takes.
package enum PassNeed: Sendable, Hashable {
  case none
  /// A queue token, always.
  case queue
  /// An entry token, where a gate guards what the call is about.
  case entry
}
