package import Domain

/// An event with its place in the log.
package struct LoggedEvent: Sendable, Hashable {
  package let epoch: UInt64
  package let offset: UInt64
  package let at: Instant
  package let event: Event

  package init(epoch: UInt64, offset: UInt64, at: Instant, event: Event) {
    self.epoch = epoch
    self.offset = offset
    self.at = at
    self.event = event
  }
}

/// Turns events into bytes and back. The ledger knows no messages: whoever assembles it hands in the
/// API's.
package protocol EventCoder: Sendable {
  func encode(_ event: LoggedEvent) -> [UInt8]
  /// Nil where the bytes are no event.
  func decode(_ bytes: [UInt8]) -> LoggedEvent?
}
