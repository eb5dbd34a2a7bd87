package import Domain

/// What a token of a line says.
package struct LineClaim: Hashable, Sendable {
  package let user: UserID
  package let gate: GateTag
  package let ticket: TicketID
  /// The ticket's number in its gate.
  package let number: UInt64
  /// The gate's epoch: a later one makes the token worthless.
  package let epoch: UInt32
  package let issued: Instant
  package let expires: Instant

  package init(
    user: UserID,
    gate: GateTag,
    ticket: TicketID,
    number: UInt64,
    epoch: UInt32,
    issued: Instant,
    expires: Instant
  ) {
    self.user = user
    self.gate = gate
    self.ticket = ticket
    self.number = number
    self.epoch = epoch
    self.issued = issued
    self.expires = expires
  }
}

/// What a token of a line is for.
package protocol LineTokenUse: Sendable, Hashable {
  static var kind: TokenKind { get }
  /// Whether the token alone says when it is over. An entry token lasts as long as its ticket does,
  /// and that may have been prolonged since.
  static var endsByItself: Bool { get }
}

/// Stands for a place in a line.
package enum QueueUse: LineTokenUse {
  package static let kind = TokenKind.queue
  package static let endsByItself = true
}

/// Lets its owner see and take seats.
package enum EntryUse: LineTokenUse {
  package static let kind = TokenKind.entry
  package static let endsByItself = false
}

/// A token of a line.
package struct LineToken<Use: LineTokenUse>: TokenBody, Hashable {
  package static var kind: TokenKind { Use.kind }
  package static var byteCount: Int { 77 }

  package let claim: LineClaim

  package init(_ claim: LineClaim) {
    self.claim = claim
  }

  package var expires: Instant {
    Use.endsByItself ? claim.expires : Instant(milliseconds: .max)
  }

  package init(from reader: inout TokenReader) {
    claim = LineClaim(
      user: reader.id(),
      gate: reader.id(),
      ticket: reader.id(),
      number: reader.number(UInt64.self),
      epoch: reader.number(UInt32.self),
      issued: reader.instant(),
      expires: reader.instant()
    )
    // The last byte fills the length up to what three divides.
    _ = reader.number(UInt8.self)
  }

  package func write(to writer: inout TokenWriter) {
    writer.id(claim.user)
    writer.id(claim.gate)
    writer.id(claim.ticket)
    writer.number(claim.number)
    writer.number(claim.epoch)
    writer.instant(claim.issued)
    writer.instant(claim.expires)
    writer.number(0 as UInt8)
  }
}

package typealias QueueToken = LineToken<QueueUse>
package typealias EntryToken = LineToken<EntryUse>
