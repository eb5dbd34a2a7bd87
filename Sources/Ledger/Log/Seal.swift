internal import Crypto
package import Domain

/// What makes the events of one batch provable, against whoever keeps the log too.
///
/// The events are the leaves of a Merkle tree. Its root is chained to the hash of all batches before,
/// `hash = SHA-256(before || root)`, and that is signed: no event can be changed, left out or put
/// in later without breaking every signature from there on.
package struct Seal: Sendable, Hashable {
  /// How long the hashes are.
  package static let hashBytes = MerkleTree.hashBytes

  /// Where the events stand in the log.
  package let offsets: ClosedRange<UInt64>
  /// The chain's hash before the batch.
  package let before: [UInt8]
  /// Signs the chain's hash after it.
  package let signature: [UInt8]
  /// What the signature is checked with.
  package let publicKey: [UInt8]

  package init(
    offsets: ClosedRange<UInt64>,
    before: [UInt8],
    signature: [UInt8],
    publicKey: [UInt8]
  ) {
    self.offsets = offsets
    self.before = before
    self.signature = signature
    self.publicKey = publicKey
  }
}

// MARK: - How it is stored

extension Seal {
  /// The columns that it is written in, in their order; the first is the key.
  package static let columns = "last_offset, first_offset, hash_before, signature, public_key"

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    let last = UInt64(bitPattern: try columns.integer())
    let first = UInt64(bitPattern: try columns.integer())
    guard first <= last else {
      throw DamagedRow(table: "seals", problem: "\(first) does not come before \(last)")
    }
    offsets = first...last
    before = try columns.bytes()
    signature = try columns.bytes()
    publicKey = try columns.bytes()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.integer(Int64(bitPattern: offsets.upperBound))
    columns.integer(Int64(bitPattern: offsets.lowerBound))
    columns.bytes(before)
    columns.bytes(signature)
    columns.bytes(publicKey)
  }
}

// MARK: - How it is made

extension ReceiptKey {
  /// What others check its signatures with.
  package var publicKey: [UInt8] { Ed25519.Signer(seed: secret).publicKey }
}

/// Seals batches with one key.
package struct Sealer: Sendable {
  private let signer: Ed25519.Signer

  package init(_ key: ReceiptKey) {
    signer = Ed25519.Signer(seed: key.secret)
  }

  /// The seal of the events that come after `head`, of which there is one at least, and the chain's hash
  /// after them.
  package func seal(_ log: [[UInt8]], after head: Head) -> (seal: Seal, hash: [UInt8]) {
    precondition(!log.isEmpty, "a batch without events is not sealed")
    let hash = SHA256.digest(of: head.hash + MerkleTree.root(of: log))
    let seal = Seal(
      offsets: head.offset + 1...head.offset + UInt64(log.count),
      before: head.hash,
      signature: signer.sign(hash),
      publicKey: signer.publicKey
    )
    return (seal, hash)
  }
}
