internal import BenchSupport
internal import Foundation
internal import RPCCore
internal import UsherAPI
internal import Wire

/// What is sold and who may buy: a concert, its dates, and users with tokens and balances.
struct Hall: Sendable {
  let dates: [String]
  let seatsPerDate: UInt32
  let users: [(id: String, token: String)]
  private let client: Client
  private let appKey: String

  static let price: Int64 = 1_000
  private static let day: Int64 = 86_400_000
  /// Calls that are under way at once while things are made.
  private static let width = 512

  init(
    _ client: Client,
    data: String,
    dates count: Int,
    seatsPerDate: UInt32,
    users usersCount: Int
  ) async throws {
    func key(_ name: String) throws -> String {
      try String(contentsOfFile: "\(data)/\(name).key", encoding: .utf8)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let operatorKey = try key("operator")
    appKey = try key("app")
    self.client = client
    self.seatsPerDate = seatsPerDate
    let concert = try await OperatorClient(client).createConcert(
      CreateConcertRequest(name: "A bench", holdTTLMs: UInt32(Self.day)),
      options: try Self.options(operatorKey)
    )
    let now = Int64(Date().timeIntervalSince1970) * 1_000
    let date = AddDateRequest(
      concertID: concert.id,
      opensMs: now + 30 * Self.day,
      closesMs: now + 30 * Self.day + 7_200_000,
      bookingStartsMs: now - Self.day,
      bookingEndsMs: now + 30 * Self.day,
      seats: seatsPerDate,
      price: Self.price
    )
    dates = try await Self.many(count) { _ in
      try await OperatorClient(client).addDate(date, options: try Self.options(operatorKey)).id
    }
    let appKey = self.appKey
    users = try await Self.many(usersCount) { number in
      let answer = try await UserClient(client)
        .register(RegisterRequest(name: "user \(number)"), options: try Self.options(appKey))
      return (answer.user?.id ?? "", answer.token)
    }
  }

  /// More users, who only are there.
  func register(_ count: Int) async throws {
    _ = try await Self.many(count) { number in
      let request = RegisterRequest(name: "guest \(number)")
      let options = try Self.options(appKey)
      return try await UserClient(client).register(request, options: options).token
    }
  }

  /// One date and one user, for whoever calls by other means.
  var report: String {
    "{\"date\": \"\(dates[0])\", \"token\": \"\(users[0].token)\", \"users\": \(users.count), "
      + "\"seats\": \(dates.count * Int(seatsPerDate))}"
  }

  /// How a user calls: with their token, and a key of this change's own.
  func options(ofUser number: Int) throws -> CallOptions {
    try Self.options(users[number].token)
  }

  /// How the app calls for a user.
  func appOptions(for number: Int) throws -> CallOptions {
    var options = try Self.options(appKey)
    try options.metadata.add("usher-user", users[number].id)
    return options
  }

  private static func options(_ credential: String) throws -> CallOptions {
    var options = CallOptions()
    try options.metadata.add(Metadata.Key.authorization, "Bearer \(credential)")
    try options.metadata.add(Metadata.Key.idempotencyKey, IdempotencyKey.next())
    return options
  }

  /// Makes this many of something, several at once.
  private static func many<Made: Sendable>(
    _ count: Int,
    _ make: @Sendable @escaping (Int) async throws -> Made
  ) async throws -> [Made] {
    try await withThrowingTaskGroup(of: [(Int, Made)].self) { group in
      for lane in 0..<min(width, count) {
        group.addTask {
          var made: [(Int, Made)] = []
          for number in stride(from: lane, to: count, by: width) {
            made.append((number, try await make(number)))
          }
          return made
        }
      }
      var all: [(Int, Made)] = []
      for try await made in group { all += made }
      return all.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
