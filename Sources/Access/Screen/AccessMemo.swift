internal import Crypto
internal import Domain
internal import RPCCore

/// What a connection has shown and was found good, so that it is not verified again with every call.
/// Bounded: a connection of many users forgets some of them and verifies them again.
///
/// Sendable because it is the connection's, and reached on its loop alone. Nothing here calls back
/// while it changes, so that exclusive access is not asked for with every call.
final class AccessMemo: @unchecked Sendable {
  /// How many credentials one connection may have remembered.
  static let credentialsMax = 64

  /// Each where the end of its text says, so that no search is needed; a power of two of places.
  @exclusivity(unchecked)
  private var places: [Credential?] = [nil]

  /// The method that was called last, and who may.
  @exclusivity(unchecked)
  private var lastPath = ""
  @exclusivity(unchecked)
  private var lastRule: AccessPolicy.Rule?
  @exclusivity(unchecked)
  private var lastNeed = PassNeed.none

  /// Who may call the method, and with which token of a line: most connections call one again and
  /// again.
  func rule(
    for path: String,
    in policy: AccessPolicy
  ) -> (rule: AccessPolicy.Rule, need: PassNeed)? {
    if path != lastPath {
      lastPath = path
      lastRule = policy.rule(for: path)
      lastNeed = policy.need(for: path)
    }
    return lastRule.map { ($0, lastNeed) }
  }

  /// What was found good and still is.
  func find(
    _ shown: UnsafeRawBufferPointer,
    generation: Int,
    now: () -> Instant
  ) -> Credential? {
    guard let found = places[place(of: shown)], found.generation == generation,
      found.shown.withUnsafeBytes({ SecretBytes.areEqual($0, shown) })
    else { return nil }
    if let expires = found.expires, now() >= expires { return nil }
    return found
  }

  /// Remembers what was found good, in place of another where there is no room.
  func keep(_ credential: Credential) {
    var wanted = credential.shown.withUnsafeBytes { place(of: $0) }
    while let other = places[wanted], other.shown != credential.shown,
      places.count < Self.credentialsMax
    {
      grow()
      wanted = credential.shown.withUnsafeBytes { place(of: $0) }
    }
    places[wanted] = credential
  }

  /// How many credentials are remembered.
  var count: Int { places.count { $0 != nil } }

  private func grow() {
    let old = places
    places = Array(repeating: nil, count: old.count * 2)
    // Two places for one: nobody is in another's way who was not before.
    for case .some(let credential) in old {
      places[credential.shown.withUnsafeBytes { place(of: $0) }] = credential
    }
  }

  /// A credential's last bytes are as good as random: those of a code, or of a key.
  private func place(of shown: UnsafeRawBufferPointer) -> Int {
    guard shown.count >= 8 else { return 0 }
    let last = shown.loadUnaligned(fromByteOffset: shown.count - 8, as: UInt64.self)
    // The bytes are letters, alike in their upper bits.
    return Int((last &* 0x9E37_79B9_7F4A_7C15) >> 58) & (places.count - 1)
  }
}
