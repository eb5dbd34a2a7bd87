import Fixtures
import RPCCore
import TestSupport
import Wire

/// A client and a server on one loop.
struct InProcess {
  let loop: SimulatedLoop
  let client: Client
  var calls: CallClient { CallClient(client) }

  init(
    _ calls: ScriptedCalls = ScriptedCalls(),
    reads: ReadService = ReadService(),
    limits: ServerLimits = .defaults,
    clientLimits: ClientLimits = .defaults,
    interceptors: [any ClientInterceptor] = [],
    events: (any ServerEvents)? = nil,
    seed: UInt64? = nil
  ) throws {
    loop = SimulatedLoop(seed: seed)
    let core = try ServerCore.scripted(calls, reads: reads, limits: limits, events: events)
    client = Client(
      connector: InProcessConnector(to: core, on: loop),
      limits: clientLimits,
      interceptors: interceptors
    )
  }
}

/// A client of servers that the test plays by hand.
struct Scripted {
  typealias Put = Running<Result<Leaf, RPCFailure>>

  let loop = SimulatedLoop()
  let connector: ScriptedConnector
  let client: Client
  var calls: CallClient { CallClient(client) }

  init(addresses: Int = 1, limits: ClientLimits = .defaults) {
    connector = ScriptedConnector(on: loop, addresses: addresses)
    client = Client(connector: connector, limits: limits)
  }

  /// Starts a unary call.
  func put(
    _ name: String = "",
    _ method: MethodDescriptor = CallMethods.default,
    key: String? = nil,
    timeout: Duration? = nil
  ) throws -> Put {
    let client = client
    let metadata = try Metadata.of(key.map { [(Metadata.Key.idempotencyKey, $0)] } ?? [])
    return loop.start {
      do throws(RPCFailure) {
        let answer: Answer<Leaf> = try await client.unary(
          method,
          Leaf(name: name),
          options: CallOptions(timeout: timeout, metadata: metadata)
        )
        return .success(answer.message)
      } catch {
        return .failure(error)
      }
    }
  }
}

extension Running<Result<Leaf, RPCFailure>> {
  /// The failure of a call that has ended.
  var failure: RPCFailure? {
    guard case .success(.failure(let failure)) = outcome else { return nil }
    return failure
  }

  /// The response of a call that has ended.
  var response: Leaf? {
    guard case .success(.success(let leaf)) = outcome else { return nil }
    return leaf
  }
}

/// The failure that `body` throws.
func failure<Result>(of body: () async throws -> Result) async -> RPCFailure? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error as? RPCFailure
  }
}

/// Lets everything run that can without the clock.
func settle() async { for _ in 0..<50 { await Task.yield() } }
