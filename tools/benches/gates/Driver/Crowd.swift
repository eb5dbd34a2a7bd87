internal import BenchSupport
internal import Foundation
internal import RPCCore
internal import Synchronization
internal import UsherAPI
internal import Wire

/// People who come to a gate, through an app that acts for them.
struct Crowd: Sendable {
  static let connections = 128
  static let callers = 256
  static let warmUp: Int64 = 500_000_000

  let gates: GateClient
  let operators: OperatorClient
  let client: Client
  private let operatorKey: String
  private let appKey: String
  /// People who have not come yet: those from `next` on.
  private(set) var people: [String] = []
  private let next = Position()
  /// A place in the long line.
  private var place: (user: String, token: String)?
  /// Those who watch or ask, and what they were told.
  var attending: Task<Void, any Error>?
  let counts = WatchCounts()

  /// Counts whom it was handed to.
  final class Position: Sendable {
    private let value = Atomic<Int>(0)
    func take() -> Int { value.add(1, ordering: .relaxed).oldValue }
  }

  init(_ client: Client, data: String) async throws {
    func key(_ name: String) throws -> String {
      try String(contentsOfFile: "\(data)/\(name).key", encoding: .utf8)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    operatorKey = try key("operator")
    appKey = try key("app")
    self.client = client
    gates = GateClient(client)
    operators = OperatorClient(client)
    // Nobody is let in through this one, so that what is counted are entries.
    try await set("line", GatePolicy(insideMax: 1))
    _ = try await operators.pauseGate(ChangeGateRequest(name: "line"), options: operatorOptions())
  }

  func set(_ gate: String, _ policy: GatePolicy) async throws {
    let request = SetGateRequest(name: gate, policy: policy)
    _ = try await operators.setGate(request, options: operatorOptions())
  }

  func stats() async throws -> StatsResponse {
    try await operators.stats(StatsRequest(), options: operatorOptions())
  }

  // MARK: - How they call

  func operatorOptions() throws -> CallOptions { try Self.options(operatorKey) }

  func options(for user: String, showing token: String? = nil) throws -> CallOptions {
    var options = try Self.options(appKey)
    try options.metadata.add(Metadata.Key.user, user)
    if let token { try options.metadata.add(Metadata.Key.token, token) }
    return options
  }

  private static func options(_ credential: String) throws -> CallOptions {
    var options = CallOptions()
    try options.metadata.add(Metadata.Key.authorization, "Bearer \(credential)")
    try options.metadata.add(Metadata.Key.idempotencyKey, IdempotencyKey.next())
    return options
  }

  /// Someone who has not come yet.
  func newcomer() throws -> String {
    let number = next.take()
    guard number < people.count else {
      throw RPCFailure(.outOfRange, "everyone of \(people.count) has come")
    }
    return people[number]
  }

  // MARK: - Before

  /// Makes so many people more.
  mutating func register(_ count: Int) async throws {
    let users = UserClient(client)
    let appKey = appKey
    people += try await Self.many(count) { number in
      let request = RegisterRequest(name: "person \(number)")
      return try await users.register(request, options: try Self.options(appKey)).user?.id ?? ""
    }
  }

  /// Makes a line of so many, of whom every so often one leaves again.
  mutating func fill(_ count: Int, leaving leavers: Int) async throws -> String {
    let step = leavers > 0 ? count / leavers : .max
    let start = now()
    let crowd = self
    let places = try await Self.many(count) { number in
      let user = try crowd.newcomer()
      let options = try crowd.options(for: user)
      let entered = try await crowd.gates.enter(EnterRequest(gate: "line"), options: options)
      return number == count / 2 || number.isMultiple(of: step) ? (user, entered.queueToken) : nil
    }
    let seconds = Double(now() - start) / 1e9
    place = places[count / 2]
    var left = 0
    for (number, kept) in places.enumerated() where number != count / 2 {
      guard let (user, token) = kept else { continue }
      _ = try await gates.leave(LeaveRequest(), options: options(for: user, showing: token))
      left += 1
    }
    return "{\"seconds\": \(seconds), \"left\": \(left)}"
  }

  /// What whoever stands in the middle of the line shows.
  func placeToken() throws -> String {
    guard let place else { throw RPCFailure(.failedPrecondition, "nobody stands in the line") }
    return "{\"key\": \"\(appKey)\", \"user\": \"\(place.user)\", \"token\": \"\(place.token)\"}"
  }

  /// Makes this many of something, several at once.
  static func many<Made: Sendable>(
    _ count: Int,
    _ make: @Sendable @escaping (Int) async throws -> Made
  ) async throws -> [Made] {
    try await withThrowingTaskGroup(of: [(Int, Made)].self) { group in
      for lane in 0..<min(512, count) {
        group.addTask {
          var made: [(Int, Made)] = []
          for number in stride(from: lane, to: count, by: 512) {
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
