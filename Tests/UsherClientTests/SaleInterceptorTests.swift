import RPCCore
import Testing
import Threads
import UsherAPI
import Wire

@testable import UsherClient

@Suite("What Usher's calls carry by themselves")
struct SaleInterceptorTests {
  private let interceptor = SaleInterceptor(
    credentials: .app(key: "usher_app_x", actingFor: "ada"),
    makeKey: { "key" }
  )

  /// The metadata with which a call left, after the server answered `trailers`.
  private func metadata(
    of method: MethodDescriptor,
    given: Metadata = Metadata(),
    answering trailers: Metadata = Metadata()
  ) async throws -> Metadata {
    let left = Guarded(Metadata())
    let _: Answer<GetBalanceResponse> = try await interceptor.interceptUnary(
      method,
      GetBalanceRequest(),
      CallOptions(metadata: given)
    ) { _, options in
      left.withLock { $0 = options.metadata }
      return Answer(GetBalanceResponse(), trailers: trailers)
    }
    return left.withLock { $0 }
  }

  @Test("Who calls, unless the call says so itself")
  func credentials() async throws {
    let sent = try await metadata(of: WalletMethods.getBalance)
    #expect(sent[Metadata.Key.authorization] == "Bearer usher_app_x")
    #expect(sent[Metadata.Key.user] == "ada")
    var own = Metadata()
    try own.add(Metadata.Key.user, "bob")
    let kept = try await metadata(of: WalletMethods.getBalance, given: own)
    #expect(kept[Metadata.Key.user] == "bob")
  }

  @Test("An idempotency key where something changes, and none where not")
  func keys() async throws {
    let charge = try await metadata(of: WalletMethods.charge)
    #expect(charge[Metadata.Key.idempotencyKey] == "key")
    let look = try await metadata(of: WalletMethods.getBalance)
    #expect(look[Metadata.Key.idempotencyKey] == nil)
  }

  @Test("The last offset seen, where something is looked at")
  func offsets() async throws {
    #expect(try await metadata(of: WalletMethods.getBalance)[Metadata.Key.atLeastOffset] == nil)
    for offset in ["7", "5"] {
      var trailers = Metadata()
      try trailers.add(Metadata.Key.offset, offset)
      _ = try await metadata(of: WalletMethods.charge, answering: trailers)
    }
    #expect(try await metadata(of: WalletMethods.getBalance)[Metadata.Key.atLeastOffset] == "7")
    #expect(try await metadata(of: WalletMethods.charge)[Metadata.Key.atLeastOffset] == nil)
  }

  @Test("Nothing of this goes to services of others, or to health")
  func others() async throws {
    #expect(try await metadata(of: HealthMethods.check).isEmpty)
  }

  @Test("A key is a UUID of version 7 that holds the time")
  func uuid() {
    var random = SystemRandomNumberGenerator()
    let key = IdempotencyKey.make(milliseconds: 0x0123_4567_89AB, using: &random)
    #expect(key.hasPrefix("01234567-89ab-7"))
    #expect(key.count == 36)
    #expect(Set(key.split(separator: "-").map(\.count)) == [8, 4, 12])
    #expect("89ab".contains(Array(key)[19]))
  }
}
