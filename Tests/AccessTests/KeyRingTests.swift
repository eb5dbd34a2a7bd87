import Access
import Domain
import Ledger
import TestSupport
import Testing
import UsherAPI

@Suite("The key ring") struct KeyRingTests {
  private static func at(_ milliseconds: Int64) -> Instant {
    Installation.start.after(milliseconds: milliseconds)
  }

  private func verifies(_ text: String, _ ring: KeyRing, at now: Instant) -> Bool {
    do throws(TokenFault) {
      let _: UserToken = try ring.check(at: now).check(text, at: now)
      return true
    } catch {
      return false
    }
  }

  @Test("Without keys nothing is signed, and no token is good")
  func empty() async throws {
    let token = try await Installation().token(of: Installation.ada)
    let ring = KeyRing()
    #expect(ring.mintUserToken(for: Installation.ada, at: Installation.start) == nil)
    #expect(!verifies(token, ring, at: Installation.start))
  }

  @Test("A new key verifies at once and signs from its time on; the old one signs until then")
  func changesOver() async throws {
    let installation = try await Installation()
    let new = Installation.signingKey(2, from: KeyRing.publishMilliseconds)
    installation.contents.put(new)
    try await installation.ring.load(from: installation.reader)
    let ring = installation.ring
    #expect(ring.mint(at: Self.at(9_999))?.key.id == ID(high: 7, low: 1))
    #expect(ring.mint(at: Self.at(10_000))?.key.id == new.id)
    let early = TokenMint(key: TokenKey(id: new.id, secret: new.secret)).mint(
      UserToken(user: Installation.ada, issued: Self.at(0), expires: Self.at(60_000))
    )
    #expect(verifies(early, ring, at: Self.at(5_000)), "another instance's clock may be ahead")
  }

  @Test("An old key verifies until the last token that it signed is over, and no longer")
  func endsOld() async throws {
    let installation = try await Installation()
    let ring = installation.ring
    let longest = ring.lifetimes.millisecondsMax
    let last = try #require(
      ring.mintUserToken(for: Installation.ada, lasting: .max, at: Self.at(9_999))
    )
    #expect(last.expires == Self.at(9_999 + longest), "no token outlasts the longest time")
    installation.contents.put(Installation.signingKey(2, from: 10_000))
    try await ring.load(from: installation.reader)
    #expect(verifies(last.text, ring, at: last.expires.after(milliseconds: -1)))
    let endless = TokenMint(
      key: TokenKey(id: ID(high: 7, low: 1), secret: Array(repeating: 1, count: 32))
    )
    .mint(UserToken(user: Installation.ada, issued: Self.at(0), expires: Self.at(.max / 2)))
    #expect(verifies(endless, ring, at: Self.at(10_000 + longest - 1)))
    #expect(!verifies(endless, ring, at: Self.at(10_000 + longest)))
  }

  @Test("A token lasts as long as was asked, and a day where nobody asked")
  func lifetimes() async throws {
    let ring = try await Installation().ring
    let asked = ring.mintUserToken(for: Installation.ada, lasting: 5, at: Self.at(0))
    #expect(asked?.expires == Self.at(5))
    let standard = ring.mintUserToken(for: Installation.ada, at: Self.at(0))
    #expect(standard?.expires == Self.at(86_400_000))
  }

  @Test("More keys than fit a page are all known")
  func pages() async throws {
    let installation = try await Installation()
    var random = SeededGenerator(seed: 9)
    let keys = (0..<1_100).map { _ in APIKey(for: .app, using: &random) }
    for (number, key) in keys.enumerated() {
      installation.contents.put(Installation.appRow(100 + UInt64(number), .app, key))
    }
    try await installation.ring.load(from: installation.reader)
    for (number, key) in keys.enumerated() {
      let context = try installation.context(UserMethods.get, showing: key.text)
      let principal = try Screened(installation.screen).principal(context)
      #expect(principal.key == ID(high: 9, low: 100 + UInt64(number)))
    }
  }

  @Test("A state that was read earlier and comes later changes nothing")
  func late() async throws {
    let installation = try await Installation()
    let late = Contents()
    late.put(Installation.signingKey(3, from: 0))
    try await installation.ring.load(from: ContentsReader(contents: late))
    #expect(installation.ring.mint(at: Self.at(0))?.key.id == ID(high: 7, low: 1))
  }

  @Test("It is loaded again at every interval, and keeps its keys while the store cannot be read")
  func staysCurrent() async throws {
    let installation = try await Installation()
    let clock = StepClock()
    // Unstructured, because the test cancels it alone.
    let task = Task.immediate { [ring = installation.ring, reader = installation.reader] in
      await ring.stayCurrent(with: reader, every: .seconds(2), clock: clock)
    }
    #expect(await clock.nextSleep() == .seconds(2))
    installation.contents.failure = .unreachable("gone")
    installation.contents.put(Installation.signingKey(2, from: 0))
    clock.wake()
    #expect(await clock.nextSleep() == .seconds(2))
    #expect(installation.ring.mint(at: Self.at(0))?.key.id == ID(high: 7, low: 1))
    installation.contents.failure = nil
    clock.wake()
    _ = await clock.nextSleep()
    #expect(installation.ring.mint(at: Self.at(0))?.key.id == ID(high: 7, low: 2))
    task.cancel()
    clock.wake()
    await task.value
    #expect(installation.contents.reads == 4)
  }
}
