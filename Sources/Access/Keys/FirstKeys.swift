internal import Crypto
package import Domain
package import Ledger

/// Sees to it at every start that there are keys to call and to sign with.
///
/// The key files come before their digests in the store: where a start is cut off in between, the
/// next one finds the file and keeps its digest. Two instances that first start on one store at the
/// same moment may each make keys; all of them are good.
package struct FirstKeys<Reader: StoreReader>: Sendable {
  private let ledger: Ledger
  private let reader: Reader
  private let directory: String

  /// Works on the store of `ledger` and `reader`, and on the data directory, which is there already.
  package init(ledger: Ledger, reader: Reader, directory: String) {
    self.ledger = ledger
    self.reader = reader
    self.directory = directory
  }

  /// Makes what is not there yet and tells what a person should know, operator's key first.
  ///
  /// For a role in `anew`, a key is made and written in place of the file's though the store has
  /// keys: the way out for those who have lost theirs. Keys that there were stay good until they are
  /// revoked.
  package func prepare(
    anew: Set<AppKey.Role> = [],
    using random: inout some RandomNumberGenerator
  ) async throws -> [KeyNotice] {
    let known = try await reader.read { snapshot throws(StoreFailure) in
      let signing: [SigningKey] = try snapshot.page(after: nil, max: 1)
      return (signs: !signing.isEmpty, apps: try snapshot.all(AppKey.self))
    }
    if !known.signs {
      // The first key signs at once: there is no other, and nobody who could not know it yet.
      let secret = SecretBytes.random(32, using: &random)
      _ = try await ledger.submit(AddSigningKey(secret: secret, delayMilliseconds: 0))
    }
    var notices: [KeyNotice] = []
    for role in [AppKey.Role.operator, .app] {
      let keys = known.apps.filter { $0.role == role }
      let file = KeyFile(role, in: directory)
      if anew.contains(role) {
        try await make(role, file, using: &random)
        notices.append(.made(role, path: file.path))
      } else if keys.allSatisfy({ $0.revoked != nil }) {
        notices += try await first(role, file, ended: keys, using: &random)
      } else {
        notices += try look(at: file, role, keys)
      }
    }
    return notices
  }

  /// The store has no living key of the role: the file's becomes one, or a new one.
  private func first(
    _ role: AppKey.Role,
    _ file: KeyFile,
    ended: [AppKey],
    using random: inout some RandomNumberGenerator
  ) async throws -> [KeyNotice] {
    guard let content = try file.read() else {
      try await make(role, file, using: &random)
      return [.made(role, path: file.path)]
    }
    guard let key = APIKey(content.text, for: role) else {
      return [.unreadable(role, path: file.path)]
    }
    // What was revoked stays revoked.
    if ended.contains(where: { $0.digest == key.digest }) {
      return [.revoked(role, path: file.path)]
    }
    try await keep(key, role)
    return content.isOpenToOthers ? [.openToOthers(role, path: file.path)] : []
  }

  /// The store has keys: nothing is made, and what does not fit is told.
  private func look(
    at file: KeyFile,
    _ role: AppKey.Role,
    _ keys: [AppKey]
  ) throws(KeyFileFailure) -> [KeyNotice] {
    guard let content = try file.read() else { return [.missing(role, path: file.path)] }
    guard let key = APIKey(content.text, for: role) else {
      return [.unreadable(role, path: file.path)]
    }
    let digest = key.digest
    guard let found = keys.first(where: { $0.digest == digest }) else {
      return [.unknown(role, path: file.path)]
    }
    if found.revoked != nil { return [.revoked(role, path: file.path)] }
    return content.isOpenToOthers ? [.openToOthers(role, path: file.path)] : []
  }

  private func make(
    _ role: AppKey.Role,
    _ file: KeyFile,
    using random: inout some RandomNumberGenerator
  ) async throws {
    let key = APIKey(for: role, using: &random)
    try file.write(key)
    try await keep(key, role)
  }

  private func keep(_ key: APIKey, _ role: AppKey.Role) async throws(NotDone) {
    let name = KeyFile.name(for: role)
    _ = try await ledger.submit(AddAppKey(name: name, role: role, digest: key.digest))
  }
}
