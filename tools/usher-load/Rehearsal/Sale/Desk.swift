internal import RPCCore
internal import UsherAPI
internal import UsherClient
internal import Wire

/// How a rehearsal speaks to the server for those who run the sale, before the crowd comes and after
/// it is gone. Here a call that may be repeated is, for none of it is measured.
package struct Desk: Sendable {
  /// The keys that the server wrote into its data directory.
  package struct Keys: Sendable {
    let `operator`: String
    let app: String

    package init(operator: String, app: String) {
      self.operator = `operator`
      self.app = app
    }
  }

  let client: any Caller
  private let keys: Keys

  init(_ client: any Caller, _ keys: Keys) {
    self.client = client
    self.keys = keys
  }

  var operators: OperatorClient { OperatorClient(client) }
  var users: UserClient { UserClient(client) }
  var events: EventClient { EventClient(client) }
  var concerts: ConcertClient { ConcertClient(client) }

  /// How long one answer may take, and how long reading all tables or all of the log.
  private static let patience = Duration.seconds(15)
  static let readingPatience = Duration.seconds(600)

  /// How a stream is asked for that ends by itself, or that does not.
  func streaming(_ options: CallOptions, for time: Duration?) -> CallOptions {
    var options = options
    options.timeout = time
    return options
  }

  func asOperator() throws -> CallOptions { try options(keys.operator) }
  func asApp() throws -> CallOptions { try options(keys.app) }

  /// How whoever runs the sale calls, for an answer that is no older than that offset.
  func asApp(atLeast offset: UInt64) throws -> CallOptions {
    var options = try asApp()
    if offset > 0 { try options.metadata.add(Metadata.Key.atLeastOffset, "\(offset)") }
    return options
  }

  private func options(_ key: String) throws -> CallOptions {
    var metadata = Metadata()
    try metadata.add(Metadata.Key.authorization, "Bearer \(key)")
    try metadata.add(Metadata.Key.idempotencyKey, IdempotencyKey.make())
    return CallOptions(timeout: Self.patience, metadata: metadata)
  }

  /// Makes so many of something, some at a time, in order of their numbers.
  func many<Made: Sendable>(
    _ count: Int,
    width: Int = 256,
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
      all.reserveCapacity(count)
      for try await made in group { all += made }
      return all.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
