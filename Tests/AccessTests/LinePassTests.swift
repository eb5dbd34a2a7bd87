import Access
import Domain
import RPCCore
import TestSupport
import Testing
import UsherAPI
import Wire

/// What a caller shows of a line.
private enum ShownLine: CaseIterable, Sendable {
  case nothing, noise, queue, entry, othersQueue, othersEntry, earlierQueue, earlierEntry
  case expiredQueue, expiredEntry, strangersQueue, userToken, cutQueue

  /// What those hear who show it where a queue token, or an entry token, is asked for.
  var refusals: (queue: UsherAPI.Refusal?, entry: UsherAPI.Refusal?) {
    switch self {
    case .nothing: (.tokenMissing, nil)
    case .noise, .strangersQueue, .userToken, .cutQueue: (.tokenInvalid, .tokenInvalid)
    case .queue: (nil, .notAdmitted)
    case .entry: (.tokenInvalid, nil)
    case .othersQueue, .othersEntry: (.forbidden, .forbidden)
    case .earlierQueue, .earlierEntry: (.tokenInvalid, .tokenInvalid)
    case .expiredQueue: (.tokenInvalid, .tokenInvalid)
    // How long an entry token is good hangs on its ticket, which others know.
    case .expiredEntry: (.tokenInvalid, nil)
    }
  }

  func token(in installation: Installation) -> String? {
    let now = installation.contents.now
    func claim(
      _ user: UserID = Installation.ada,
      epoch: UInt32 = 1,
      lasting milliseconds: Int64 = 60_000
    ) -> LineClaim {
      LineClaim(
        user: user,
        gate: GateTag(gate: "spring"),
        ticket: ID(high: 5, low: 6),
        number: 7,
        epoch: epoch,
        issued: now.after(milliseconds: -1_000),
        expires: now.after(milliseconds: milliseconds)
      )
    }
    let mint = installation.ring.mint(at: now)
    let stranger = TokenMint(key: TokenKey(id: ID(high: 1, low: 2), secret: [1, 2, 3]))
    switch self {
    case .nothing: return nil
    case .noise: return "usher"
    case .queue: return mint?.mint(QueueToken(claim()))
    case .entry: return mint?.mint(EntryToken(claim()))
    case .othersQueue: return mint?.mint(QueueToken(claim(Installation.bob)))
    case .othersEntry: return mint?.mint(EntryToken(claim(Installation.bob)))
    case .earlierQueue: return mint?.mint(QueueToken(claim(epoch: 0)))
    case .earlierEntry: return mint?.mint(EntryToken(claim(epoch: 0)))
    case .expiredQueue: return mint?.mint(QueueToken(claim(lasting: 0)))
    case .expiredEntry: return mint?.mint(EntryToken(claim(lasting: 0)))
    case .strangersQueue: return stranger.mint(QueueToken(claim()))
    case .userToken: return installation.token(of: Installation.ada)
    case .cutQueue: return mint.map { String($0.mint(QueueToken(claim())).dropLast()) }
    }
  }
}

@Suite("Tokens of a line") struct LinePassTests {
  private static let takingEntries = [
    "/usher.v1.ConcertService/ListDates", "/usher.v1.ConcertService/ListSeats",
    "/usher.v1.ReservationService/Hold", "/usher.v1.ReservationService/Release",
    "/usher.v1.PaymentService/Pay",
  ]

  @Test("Every method takes the token of its own kind, and no other", arguments: ShownLine.allCases)
  private func table(shown: ShownLine) async throws {
    let installation = try await Installation()
    let screened = Screened(installation.screen)
    let token = shown.token(in: installation)
    for method in Method.all + Method.all {
      var metadata = try Installation.metadata(
        showing: installation.appKey.text,
        for: Installation.ada.description
      )
      if let token { try metadata.add(Metadata.Key.token, token) }
      let isLine = method.path.hasPrefix("/usher.v1.GateService/")
      let takesQueue = isLine && !method.path.hasSuffix("/Enter")
      let takesEntry = Self.takingEntries.contains(method.path)
      guard takesQueue || takesEntry else { continue }
      let expected = takesQueue ? shown.refusals.queue : shown.refusals.entry
      let context = CallContext(method: method.descriptor, metadata: metadata)
      #expect(screened.refusal(context) == expected?.shortName, "\(method.path)")
    }
  }

  @Test("A token that was good is refused once its time is over, on the same connection too")
  func expiry() async throws {
    let installation = try await Installation()
    let screened = Screened(installation.screen)
    var metadata = try Installation.metadata(
      showing: installation.appKey.text,
      for: Installation.ada.description
    )
    try metadata.add(Metadata.Key.token, try #require(ShownLine.queue.token(in: installation)))
    let context = CallContext(method: GateMethods.check, metadata: metadata)
    #expect(screened.refusal(context) == nil)
    installation.contents.now = installation.contents.now.after(milliseconds: 60_000)
    #expect(screened.refusal(context) == "TOKEN_INVALID")
  }

  @Test("No token passes that differs from a good one in any bit, or by chance in many")
  func mutations() async throws {
    let installation = try await Installation()
    let now = installation.contents.now
    let check = installation.ring.check(at: now)
    let good = try #require(ShownLine.queue.token(in: installation))
    #expect(throws: Never.self) { try check.check(good, as: QueueToken.self, at: now) }
    let bytes = Array(good.utf8)
    func passes(_ bytes: [UInt8]) -> Bool {
      bytes.withUnsafeBytes { text in
        let queue = try? check.check(text, as: QueueToken.self, at: now)  // a fault is no pass
        let entry = try? check.check(text, as: EntryToken.self, at: now)  // nor is it here
        return queue != nil || entry != nil
      }
    }
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        #expect(!passes(changed), "bit \(bit) of byte \(place)")
      }
    }
    var random = SeededGenerator(seed: 4)
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var passed = 0
    for _ in 0..<100_000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        changed[place] = alphabet.randomElement(using: &random) ?? 0
      }
      if changed != bytes, passes(changed) { passed += 1 }
    }
    #expect(passed == 0)
  }
}
