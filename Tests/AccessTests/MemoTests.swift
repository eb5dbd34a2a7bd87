@testable import Access
import Domain
import Ledger
import RPCCore
import Testing
import UsherAPI

@Suite("What a connection remembers of its callers") struct MemoTests {
  @Test("The same credentials are the same principal, call after call")
  func remembers() async throws {
    let installation = try await Installation()
    let screened = Screened(installation.screen)
    let ada = installation.token(of: Installation.ada)
    let bob = installation.token(of: Installation.bob)
    func principal(_ secret: String, _ user: String? = nil) throws -> Principal {
      try screened.principal(
        try installation.context(ReservationMethods.list, showing: secret, for: user)
      )
    }
    let first = try principal(ada)
    #expect(try principal(ada) === first)
    #expect(try principal(bob).user == Installation.bob)
    #expect(try principal(ada) === first)
    let acting = try principal(installation.appKey.text, "\(Installation.ada)")
    #expect(try principal(installation.appKey.text, "\(Installation.ada)") === acting)
    #expect(try principal(installation.appKey.text, "\(Installation.bob)") !== acting)
  }

  @Test("A token that was once found good is refused from the instant at which it expires")
  func expires() async throws {
    let installation = try await Installation()
    let screened = Screened(installation.screen)
    let context = try installation.context(
      ReservationMethods.list,
      showing: installation.token(of: Installation.ada, lasting: 1_000)
    )
    #expect(screened.refusal(context) == nil)
    installation.contents.now = Installation.start.after(milliseconds: 999)
    #expect(screened.refusal(context) == nil)
    installation.contents.now = Installation.start.after(milliseconds: 1_000)
    #expect(screened.refusal(context) == "CREDENTIALS_INVALID")
  }

  @Test("A key that was once found good is refused as soon as its revocation is known")
  func revokes() async throws {
    let installation = try await Installation()
    let screened = Screened(installation.screen)
    let context = try installation.context(
      OperatorMethods.stats,
      showing: installation.operatorKey.text
    )
    #expect(screened.refusal(context) == nil)
    installation.contents.put(
      Installation.appRow(2, .operator, installation.operatorKey, revoked: true)
    )
    #expect(screened.refusal(context) == nil, "it is not known yet")
    try await installation.ring.load(from: installation.reader)
    #expect(screened.refusal(context) == "CREDENTIALS_INVALID")
  }

  @Test("Ever so many users may share a connection, and it remembers a bounded number of them")
  func bounded() async throws {
    let installation = try await Installation()
    let screened = Screened(installation.screen)
    var counts: [Int] = []
    for round in 0..<2 {
      for number in 0..<500 as Range<UInt64> {
        let user = UserID(high: 5, low: number)
        let context = try installation.context(
          ReservationMethods.list,
          showing: installation.token(of: user)
        )
        #expect(try screened.principal(context).user == user, "round \(round)")
        counts.append(try #require(screened.memo as? AccessMemo).count)
      }
    }
    #expect(counts.max().map { (32...AccessMemo.credentialsMax).contains($0) } == true)
  }
}
