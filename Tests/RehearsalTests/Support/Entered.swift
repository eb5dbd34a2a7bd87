@testable import Rehearsal

extension Facts.Entered {
  /// Someone who was let in at once, with a ticket of that name.
  static func inside(_ ticket: String, as user: String = "u") -> Self {
    Self(
      user: user,
      ticket: ticket,
      number: 1,
      ahead: 0,
      lowMs: 0,
      likelyMs: 0,
      highMs: 0,
      isInside: true
    )
  }
}
