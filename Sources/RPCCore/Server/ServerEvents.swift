public import Wire

/// What a server tells those who watch it. Every method is called on a loop, so it has to be quick.
public protocol ServerEvents: Sendable {
  /// A connection was taken.
  func connectionOpened(_ connectionID: UInt64)
  /// A connection is gone; `reason` says why, where it was not simply closed.
  func connectionClosed(_ connectionID: UInt64, reason: String?)
  /// A call has ended.
  func callEnded(_ report: borrowing CallReport)
}

extension ServerEvents {
  /// Does nothing.
  public func connectionOpened(_ connectionID: UInt64) {}
  /// Does nothing.
  public func connectionClosed(_ connectionID: UInt64, reason: String?) {}
  /// Does nothing.
  public func callEnded(_ report: borrowing CallReport) {}
}

/// How one call went.
public struct CallReport: Sendable {
  /// The path that was called; for a method that does not exist, what the caller named.
  public let method: String
  /// The call's number on its connection.
  public let callID: UInt32
  /// The connection's number on this server.
  public let connectionID: UInt64
  /// Why it failed; nil if it ended in OK.
  public let failure: RPCFailure?
  /// How long it took, from the turn in which it was read to the one in which it ended.
  public let duration: Duration

  /// How it ended.
  public var status: StatusCode { failure?.code ?? .ok }
}
