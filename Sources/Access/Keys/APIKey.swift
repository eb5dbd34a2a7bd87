internal import Crypto
package import Domain

/// An API key as its owner holds it: random, and shown once. Only its digest is kept.
package struct APIKey: Sendable, Hashable {
  /// What is put into `authorization` after `Bearer`.
  package let text: String

  /// Random bytes in a key.
  private static let randomBytes = 33

  /// A new key. `random` has to be the system's, except in tests.
  package init(for role: AppKey.Role, using random: inout some RandomNumberGenerator) {
    let bytes = SecretBytes.random(Self.randomBytes, using: &random)
    text = Self.prefix(of: role) + bytes.withUnsafeBytes { Base64URL.text(of: $0) }
  }

  /// A key that was read from somewhere; nil if the text cannot be one for that role.
  package init?(_ text: String, for role: AppKey.Role) {
    var bytes = [UInt8](repeating: 0, count: Self.randomBytes)
    guard text.hasPrefix(Self.prefix(of: role)) else { return nil }
    var rest = String(text.dropFirst(Self.prefix(of: role).count))
    let isGood = rest.withUTF8 { rest in
      bytes.withUnsafeMutableBytes { Base64URL.decode(UnsafeRawBufferPointer(rest), into: $0) }
    }
    guard isGood else { return nil }
    self.text = text
  }

  /// What the store keeps of it.
  package var digest: [UInt8] { SHA256.digest(of: text) }

  /// What all keys begin with, so that people, and programs that look for leaked secrets, see what
  /// they have before them. No token begins like this: its first byte is the version.
  static let commonPrefix = "usher_"

  private static func prefix(of role: AppKey.Role) -> String {
    switch role {
    case .app: commonPrefix + "app_"
    case .operator: commonPrefix + "operator_"
    }
  }
}
