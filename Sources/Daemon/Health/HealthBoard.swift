internal import Synchronization
internal import Threads
public import UsherAPI
internal import Wire

/// Which services serve at the moment, and who wants to be told when that changes.
public final class HealthBoard: Sendable {
  /// What one service's health is called on the wire.
  public typealias Status = HealthCheckResponse.ServingStatus

  private struct State {
    var services: [String: Status]
    var watchers: [UInt64: Watcher] = [:]
    var lastWatcher: UInt64 = 0
    var isStopping = false
  }

  private struct Watcher {
    let service: String
    let continuation: AsyncStream<Status>.Continuation
  }

  private let state: Guarded<State>
  /// How the server as a whole does, once more: balancers ask often, and reading this takes no lock.
  private let overall = Atomic<Int32>(Status.serving.rawValue)

  /// A board on which `services` and the server as a whole (the empty name) serve.
  public init(services: [String]) {
    let named = services.map { ($0, Status.serving) } + [("", .serving)]
    state = Guarded(State(services: Dictionary(named) { first, _ in first }))
  }

  /// How a service does; nil if there is none of that name. The empty name is the whole server.
  public func status(of service: String) -> Status? {
    if service.isEmpty { return Status(rawValue: overall.load(ordering: .relaxed)) }
    return state.withLock { $0.services[service] }
  }

  /// Sets how a service does, and tells those who watch it. Once stopped, nothing serves again.
  public func set(_ status: Status, for service: String) {
    state.withLock { state in
      guard !state.isStopping else { return }
      if service.isEmpty { overall.store(status.rawValue, ordering: .relaxed) }
      guard state.services.updateValue(status, forKey: service) != status else { return }
      for watcher in state.watchers.values where watcher.service == service {
        watcher.continuation.yield(status)
      }
    }
  }

  /// Nothing serves any more. Those who watch are told, and their streams end.
  public func stop() {
    let watchers = state.withLock { state in
      state.isStopping = true
      for service in state.services.keys { state.services[service] = .notServing }
      overall.store(Status.notServing.rawValue, ordering: .relaxed)
      defer { state.watchers = [:] }
      return state.watchers
    }
    for watcher in watchers.values {
      watcher.continuation.yield(.notServing)
      watcher.continuation.finish()
    }
  }

  /// How many want to be told of changes.
  public var watcherCount: Int { state.withLock { $0.watchers.count } }

  /// How a service does now, and whenever that changes. Who is slow gets the latest.
  public func changes(of service: String) -> AsyncStream<Status> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let id = state.withLock { state in
        state.lastWatcher += 1
        continuation.yield(state.services[service] ?? .serviceUnknown)
        if state.isStopping {
          continuation.finish()
        } else {
          state.watchers[state.lastWatcher] = Watcher(service: service, continuation: continuation)
        }
        return state.lastWatcher
      }
      continuation.onTermination = { [self] _ in
        state.withLock { _ = $0.watchers.removeValue(forKey: id) }
      }
    }
  }
}
