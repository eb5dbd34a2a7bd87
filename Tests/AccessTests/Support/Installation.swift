import Access
import Domain
import Ledger
import RPCCore
import TestSupport
import Threads
import Wire

/// The keys of an installation, some callers, and what each of them shows.
struct Installation {
  static let start = Instant(milliseconds: 1_700_000_000_000)
  static let ada = UserID(high: 0xada, low: 1)
  static let bob = UserID(high: 0xb0b, low: 2)

  let contents = Contents()
  let ring = KeyRing()
  let appKey: APIKey
  let operatorKey: APIKey
  let revokedKey: APIKey
  let strangeKey: APIKey

  var reader: ContentsReader { ContentsReader(contents: contents) }
  var screen: AccessScreen {
    AccessScreen(
      ring: ring,
      now: { [contents] in contents.now },
      epoch: { _ in 1 },
      mayLack: { _ in false }
    )
  }

  init() async throws {
    var random = SeededGenerator(seed: 1)
    appKey = APIKey(for: .app, using: &random)
    operatorKey = APIKey(for: .operator, using: &random)
    revokedKey = APIKey(for: .operator, using: &random)
    strangeKey = APIKey(for: .app, using: &random)
    contents.now = Self.start
    contents.put(Self.signingKey(1, from: -3_600_000))
    contents.put(Self.appRow(1, .app, appKey))
    contents.put(Self.appRow(2, .operator, operatorKey))
    contents.put(Self.appRow(3, .operator, revokedKey, revoked: true))
    try await ring.load(from: reader)
  }

  /// A signing key that signs so many milliseconds after the start.
  static func signingKey(_ number: UInt64, from delay: Int64) -> SigningKey {
    SigningKey(
      id: ID(high: 7, low: number),
      secret: Array(repeating: UInt8(number), count: 32),
      created: start,
      signsFrom: start.after(milliseconds: delay)
    )
  }

  static func appRow(
    _ number: UInt64,
    _ role: AppKey.Role,
    _ key: APIKey,
    revoked: Bool = false
  ) -> AppKey {
    var row = AppKey(
      id: ID(high: 9, low: number),
      name: "key \(number)",
      role: role,
      digest: key.digest,
      created: start
    )
    row.revoked = revoked ? start : nil
    return row
  }

  /// A user's token, made now.
  func token(of user: UserID, lasting milliseconds: Int64 = 60_000) -> String {
    guard
      let token = ring.mintUserToken(for: user, lasting: milliseconds, at: contents.now)
    else { preconditionFailure("a key signs") }
    return token.text
  }

  /// A user's token that is over.
  var expiredToken: String {
    let past = contents.now.after(milliseconds: -1_000)
    guard let token = ring.mintUserToken(for: Self.ada, lasting: 1_000, at: past) else {
      preconditionFailure("a key signs")
    }
    return token.text
  }

  /// A call as the screen sees it.
  func context(
    _ method: MethodDescriptor,
    showing secret: String?,
    for user: String? = nil
  ) throws -> CallContext {
    CallContext(method: method, metadata: try Self.metadata(showing: secret, for: user))
  }

  static func metadata(showing secret: String?, for user: String? = nil) throws -> Metadata {
    var metadata = Metadata()
    if let secret { try metadata.add(Metadata.Key.authorization, "Bearer \(secret)") }
    if let user { try metadata.add(Metadata.Key.user, user) }
    return metadata
  }
}

/// What a connection remembers, and the screen before it.
final class Screened {
  let screen: AccessScreen
  private(set) var memo: (any AnyObject & Sendable)?

  init(_ screen: AccessScreen) {
    self.screen = screen
  }

  /// Who the screen says is calling.
  func principal(_ context: CallContext) throws -> Principal {
    var context = context
    try screen.screen(&context, memo: &memo)
    return try context.principal()
  }

  /// The refusal's name; nil where the call passes.
  func refusal(_ context: CallContext) -> String? {
    var context = context
    do {
      try screen.screen(&context, memo: &memo)
      return nil
    } catch {
      return (error as? RPCFailure)?.refusal ?? "\(error)"
    }
  }
}
