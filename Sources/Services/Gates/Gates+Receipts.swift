internal import Access
internal import Crypto
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

extension Gates {
  /// The receipt of the ticket that the token names: it proves that the ticket was made, and when,
  /// to whoever knows the key alone.
  package func prove(_ request: ProveRequest, context: CallContext) async throws -> Reply<Receipt> {
    let id = try context.lineClaim().ticket
    let found = try await counter.look(context) { snapshot throws(StoreFailure) in
      try Self.batch(of: id, in: snapshot)
    }
    guard let (offset, seal, log) = found else {
      throw RPCFailure(.tokenInvalid, "this token names no ticket that is known here")
    }
    guard let seal, log.count == seal.offsets.count else {
      throw RPCFailure(.offsetCut, "the log no longer has the batch in which ticket \(id) was made")
    }
    let leaf = Int(offset - seal.offsets.lowerBound)
    return Reply(
      Receipt(
        event: log[leaf],
        leaf: UInt32(leaf),
        leaves: UInt32(log.count),
        path: MerkleTree.path(to: leaf, among: log),
        headBefore: seal.before,
        signature: seal.signature,
        keyID: Base64URL.text(of: seal.publicKey)
      )
    )
  }

  /// Where a ticket was made, with the seal of its batch and all that the batch logged; nil if there is
  /// no such ticket.
  private static func batch(
    of id: TicketID,
    in snapshot: any Snapshot
  ) throws(StoreFailure) -> (offset: UInt64, seal: Seal?, log: [[UInt8]])? {
    guard let ticket: Ticket = try snapshot.row(id) else { return nil }
    guard let seal = try snapshot.seal(of: ticket.offset) else { return (ticket.offset, nil, []) }
    let log = try snapshot.log(from: seal.offsets.lowerBound, max: seal.offsets.count)
    return (ticket.offset, seal, log)
  }
}
