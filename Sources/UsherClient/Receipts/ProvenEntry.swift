internal import Crypto
public import UsherAPI
internal import Wire

/// What a receipt proves: that someone's ticket for a gate was made, and when.
public struct ProvenEntry: Sendable, Hashable {
  /// The ticket.
  public let ticketID: String
  /// The gate it is for.
  public let gate: String
  /// Whose it is.
  public let userID: String
  /// Its sequence number in the gate.
  public let number: UInt64
  /// Whether it stands in the priority lane.
  public let isPriority: Bool
  /// The life of the log in which it was made.
  public let epoch: UInt64
  /// Where in the log it was made.
  public let offset: UInt64
  /// When it was made, in milliseconds since 1970.
  public let atMs: Int64
  /// The public key of whoever signed that.
  public let keyID: String
}

/// Why a receipt proves nothing.
public struct ReceiptFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The reason, for a person.
  public let description: String
}

extension Receipt {
  /// What the receipt proves. No server is asked.
  ///
  /// - Parameter key: The key that the server publishes. Without it the receipt proves that the owner
  ///   of its own ``ProvenEntry/keyID`` signed, whoever that is.
  public func proven(by key: String? = nil) throws(ReceiptFault) -> ProvenEntry {
    if let key, key != keyID {
      throw ReceiptFault(description: "it is signed with the key \(keyID), not with \(key)")
    }
    guard let publicKey = Base64URL.bytes(Ed25519.publicKeyBytes, of: keyID) else {
      throw ReceiptFault(description: "its key_id is no public key of Ed25519 in base64url")
    }
    guard headBefore.count == SHA256.digestBytes else {
      throw ReceiptFault(description: "its head_before is no SHA-256")
    }
    let root = MerkleTree.root(from: event, at: Int(leaf), of: Int(leaves), path: path)
    guard let root else {
      throw ReceiptFault(
        description: "its path does not lead from leaf \(leaf) to the root of \(leaves)"
      )
    }
    let head = SHA256.digest(of: headBefore + root)
    guard Ed25519.isValid(signature, of: head, by: publicKey) else {
      throw ReceiptFault(description: "its signature is not that of its event by its key")
    }
    return try entry(keyID: keyID)
  }

  private func entry(keyID: String) throws(ReceiptFault) -> ProvenEntry {
    let event: Event
    do {
      event = try Event(decoding: self.event)
    } catch {
      throw ReceiptFault(description: "its event cannot be read: \(error)")
    }
    guard case .ticketEntered(let entered) = event.what else {
      throw ReceiptFault(description: "its event is not that a ticket was made")
    }
    return ProvenEntry(
      ticketID: entered.ticketID,
      gate: entered.gate,
      userID: entered.userID,
      number: entered.number,
      isPriority: entered.priority,
      epoch: event.epoch,
      offset: event.offset,
      atMs: event.atMs,
      keyID: keyID
    )
  }
}
