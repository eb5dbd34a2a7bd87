import Crypto
import Domain
import Ledger
import StoreSupport
import Testing

@Suite("Every batch that logs anything is sealed")
struct SealTests {
  private func charge(_ user: UserID) -> Charge { Charge(user: user, amount: 1, description: "") }

  /// Goes through the log as someone would who trusts nobody but the key.
  private func expectChain(in database: FakeDatabase, by key: [UInt8]) {
    let state = database.state
    var hash = Head.firstHash
    var offset: UInt64 = 0
    for seal in state.seals {
      #expect(seal.offsets.lowerBound == offset + 1)
      #expect(seal.before == hash)
      #expect(seal.publicKey == key)
      let events = Array(state.log[Int(offset)..<Int(seal.offsets.upperBound)])
      hash = SHA256.digest(of: hash + MerkleTree.root(of: events))
      offset = seal.offsets.upperBound
      #expect(Ed25519.isValid(seal.signature, of: hash, by: key))
    }
    #expect(state.head.hash == hash)
    #expect(state.head.offset == offset)
  }

  private func publicKey(ofSecret byte: UInt8) -> [UInt8] {
    Ed25519.Signer(seed: Array(repeating: byte, count: 32)).publicKey
  }

  @Test("Seals are chained without a gap, and batches without events leave the chain as it is")
  func chain() async throws {
    let shop = Shop()
    let users = try await [shop.user("Ada"), shop.user("Bob")]
    await withTaskGroup(of: Refusal.Reason?.self) { group in
      for number in 0..<200 {
        let command = charge(users[number % 2])
        group.addTask { await shop.refusal(of: command) }
      }
      for await reason in group { #expect(reason == nil) }
    }
    let head = shop.database.state.head
    shop.pass(milliseconds: 2_000)
    _ = try await shop.run(AddSigningKey(secret: [1], delayMilliseconds: 0))
    #expect(shop.database.state.head.batch > head.batch)
    #expect(shop.database.state.head.hash == head.hash)
    expectChain(in: shop.database, by: publicKey(ofSecret: 5))
    await shop.close()
  }

  @Test("Instances on one database sign with one key, which the first of them made")
  func instances() async throws {
    let database = FakeDatabase()
    let shops = (5..<9).map { Shop(database: database, receiptSecret: $0) }
    let ada = try await shops[2].user()
    for _ in 0..<3 {
      for shop in shops { _ = try await shop.run(charge(ada)) }
    }
    expectChain(in: database, by: publicKey(ofSecret: 7))
    for shop in shops { await shop.close() }
  }

  @Test("A key whose batch did not happen signs nothing")
  func failedFirst() async throws {
    let database = FakeDatabase()
    let failing = Shop(database: database, receiptSecret: 6)
    failing.store.fail(FakeFault(.commit, .rolledBack(.full, "no room"), .once))
    #expect(await failing.refusal(of: Register(id: nil, name: "Ada")) == .storeFull)
    let other = Shop(database: database, receiptSecret: 8)
    let ada = try await other.user()
    _ = try await failing.run(charge(ada))
    expectChain(in: database, by: publicKey(ofSecret: 8))
    await failing.close()
    await other.close()
  }

  @Test("A key whose batch had an unknown outcome is taken from the store, where it happened")
  func unknownFirst() async throws {
    let shop = Shop(receiptSecret: 6)
    shop.store.fail(FakeFault(.committed, .outcomeUnknown("cut off"), .once))
    #expect(await shop.refusal(of: Register(id: nil, name: "Ada")) == .outcomeUnknown)
    _ = try await shop.user("Bob")
    expectChain(in: shop.database, by: publicKey(ofSecret: 6))
    await shop.close()
  }
}
