internal import Crypto
internal import Domain

/// The keys that are known at one time. Never changes: a reload makes another.
final class KeySet: Sendable {
  /// Rises whenever the keys have changed.
  let generation: Int
  let signing: [SigningKey]
  let apps: [AppKey]

  /// The newest last.
  private let signers: [Signer]
  /// By the first bytes of the digest.
  private let appsByDigest: [UInt64: [AppKey]]

  struct Signer {
    let key: TokenKey
    let signsFrom: Instant
    /// When the last token is over that it can have signed; the newest key's has no such end.
    let verifiesUntil: Instant
  }

  static let empty = KeySet(generation: 0, signing: [], apps: [], lifetimeMax: 0, reusing: nil)

  /// What verifies depends on how long a token can last: a key signs until the next one does.
  init(
    generation: Int,
    signing: [SigningKey],
    apps: [AppKey],
    lifetimeMax: Int64,
    reusing old: KeySet?
  ) {
    self.generation = generation
    self.signing = signing
    self.apps = apps
    let ordered = signing.sorted { ($0.signsFrom, $0.id) < ($1.signsFrom, $1.id) }
    signers = ordered.indices.map { place in
      let row = ordered[place]
      let successor = place + 1 < ordered.count ? ordered[place + 1].signsFrom : nil
      return Signer(
        key: old?.tokenKey(of: row) ?? TokenKey(id: row.id, secret: row.secret),
        signsFrom: row.signsFrom,
        verifiesUntil: successor?.after(milliseconds: lifetimeMax)
          ?? Instant(milliseconds: .max)
      )
    }
    appsByDigest = Dictionary(grouping: apps.filter { $0.revoked == nil }) { app in
      app.digest.withUnsafeBytes { Self.place(of: $0) }
    }
  }

  /// The key that signs now.
  func signer(at now: Instant) -> TokenKey? {
    signers.last { $0.signsFrom <= now }?.key
  }

  /// The key that a token names, where it may still verify.
  func verifier(_ id: SigningKeyID, at now: Instant) -> TokenKey? {
    signers.last { $0.key.id == id && now < $0.verifiesUntil }?.key
  }

  /// The living key with that digest.
  func app(digest: [UInt8]) -> AppKey? {
    digest.withUnsafeBytes { digest in
      appsByDigest[Self.place(of: digest)]?.first { app in
        app.digest.withUnsafeBytes { SecretBytes.areEqual($0, digest) }
      }
    }
  }

  private func tokenKey(of row: SigningKey) -> TokenKey? {
    guard signing.contains(row) else { return nil }
    return signers.first { $0.key.id == row.id }?.key
  }

  private static func place(of digest: UnsafeRawBufferPointer) -> UInt64 {
    digest.count < 8 ? 0 : digest.loadUnaligned(as: UInt64.self)
  }
}
