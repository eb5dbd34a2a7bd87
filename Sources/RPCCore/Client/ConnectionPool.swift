internal import Threads
internal import Wire

/// A client's connections, and the calls that wait for one.
final class ConnectionPool: Sendable {
  /// A connection that takes a call, and where to say that the call has ended.
  struct Lease: Sendable {
    let session: LoopBound<ClientSession>
  }

  private let connector: any Connector
  private let limits: ClientLimits
  private let home: any Loop
  private let state: Guarded<State>

  private struct State {
    var machine: PoolMachine
    var sessions: [Int: Connected] = [:]
    var lastGeneration: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var lastWaiter: UInt64 = 0
    /// Counts changes, so that none is missed between looking and beginning to wait.
    var changes: UInt64 = 0
  }

  /// Tells a slot's present connection from those before it.
  private struct Connected {
    let generation: UInt64
    let session: LoopBound<ClientSession>
    var hasSettings = false
  }

  init(connector: any Connector, limits: ClientLimits) {
    self.connector = connector
    self.limits = limits
    home = connector.nextLoop()
    state = Guarded(
      State(
        machine: PoolMachine(
          slots: connector.addressCount * limits.connectionsPerAddress,
          backoff: Backoff(min: limits.backoffMin, max: limits.backoffMax)
        )
      )
    )
  }

  /// The time of a call that begins now.
  func time(for options: CallOptions) -> CallTime {
    CallTime(loop: home, deadline: options.timeout.map { home.clockNow + $0 })
  }

  /// A connection for one call, as soon as there is one.
  func lease(timeout: Duration?) async throws(AttemptFailure) -> Lease {
    let alarm = Alarm()
    defer { alarm.cancel() }
    var isTimed = false
    while true {
      let (picked, lease, connect, changes) = pick()
      for slot in connect { self.connect(slot) }
      switch picked {
      case .use:
        if let lease { return lease }
      case .fail(let why): throw AttemptFailure(RPCFailure(.unavailable, why), .no)
      case .wait:
        if let timeout, !isTimed {
          isTimed = true
          wakeAll(after: timeout, alarm)
        }
        try await wait(since: changes)
      }
      if alarm.hasRung {
        throw AttemptFailure(RPCFailure(.deadlineExceeded, "time ran out before it was sent"), .no)
      }
      if Task.isCancelled {
        throw AttemptFailure(RPCFailure(.cancelled, "the call was cancelled"), .no)
      }
    }
  }

  private func pick() -> (PoolMachine.OnPick, Lease?, connect: [Int], changes: UInt64) {
    let now = home.clockNow
    return state.withLock { state in
      let (picked, connect) = state.machine.pick(at: now)
      guard case .use(let slot) = picked else { return (picked, nil, connect, state.changes) }
      let lease = state.sessions[slot].map { Lease(session: $0.session) }
      return (picked, lease, connect, state.changes)
    }
  }

  /// Lets every connection finish what is open, and takes no more calls.
  func close() {
    let sessions = state.withLock { state in
      state.machine.close()
      defer { state.sessions = [:] }
      return state.sessions.values.map(\.session)
    }
    for session in sessions { session.run { $0.drain("the client is closing") } }
    wakeAll()
  }
}

// MARK: - Waiting

extension ConnectionPool {
  /// Returns after the next change, counted from `changes`.
  private func wait(since changes: UInt64) async throws(AttemptFailure) {
    let limit = limits.waitingCallsMax
    let id: UInt64? = state.withLock { state in
      guard state.waiting.count < limit else { return nil }
      state.lastWaiter += 1
      return state.lastWaiter
    }
    guard let id else {
      throw AttemptFailure(
        RPCFailure(.resourceExhausted, "\(limit) calls wait for a connection"),
        .no
      )
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isNeeded = state.withLock { state in
          guard !Task.isCancelled, state.changes == changes else { return false }
          state.waiting[id] = continuation
          return true
        }
        if !isNeeded { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
    }
  }

  private func wakeAll() {
    let woken = state.withLock { state in
      state.changes += 1
      defer { state.waiting = [:] }
      return state.waiting
    }
    // Whoever came first looks first.
    for (_, continuation) in woken.sorted(by: { $0.key < $1.key }) { continuation.resume() }
  }

  private func wakeAll(after timeout: Duration, _ alarm: Alarm) {
    let home = home
    home.execute { [self] in
      alarm.set(
        LoopBound(
          home.schedule(at: home.now + timeout) {
            alarm.ring()
            self.wakeAll()
          },
          to: home
        )
      )
    }
  }
}

// MARK: - Connections

extension ConnectionPool {
  private func connect(_ slot: Int) {
    let loop = connector.nextLoop()
    let generation = state.withLock { state in
      state.lastGeneration += 1
      return state.lastGeneration
    }
    let address = slot % connector.addressCount
    loop.execute { [self] in
      var made: ClientSession?
      connector.connect(toAddress: address, on: loop, timeout: limits.connectTimeout) { scratch in
        let session = ClientSession(loop: loop, scratch: scratch, limits: self.limits) { change in
          self.changed(slot, generation, change)
        }
        made = session
        return session
      } completed: { failure in
        if let failure {
          self.failed(slot, "\(self.connector.name(ofAddress: address)): \(failure)")
        } else if let made {
          self.connected(slot, generation, LoopBound(made, to: loop))
        }
      }
    }
  }

  private func connected(_ slot: Int, _ generation: UInt64, _ session: LoopBound<ClientSession>) {
    let isWanted = state.withLock { state in
      guard case .connecting = state.machine.slots[slot] else { return false }
      state.machine.connected(slot, openCallsMax: Self.openCallsBeforeSettings)
      state.sessions[slot] = Connected(generation: generation, session: session)
      return true
    }
    if !isWanted { session.run { $0.drain("the client is closed") } }
    wakeAll()
  }

  /// What every server has to allow, until it says how much it does.
  private static let openCallsBeforeSettings = 100

  private func failed(_ slot: Int, _ why: String) {
    let now = home.clockNow
    state.withLock { state in
      state.sessions[slot] = nil
      state.machine.failed(slot, why: why, at: now, jitter: .random(in: 0..<1))
    }
    wakeAll()
  }

  private func changed(_ slot: Int, _ generation: UInt64, _ change: ClientSession.Change) {
    let now = home.clockNow
    let isNews = state.withLock { state in
      state.changes += 1
      guard let connected = state.sessions[slot], connected.generation == generation else {
        return false
      }
      switch change {
      case .settings(let settings):
        state.sessions[slot]?.hasSettings = true
        state.machine.settings(slot, openCallsMax: max(1, Int(settings.openCallsMax)))
      case .callEnded: state.machine.callEnded(slot)
      case .leaving(nil):
        state.sessions[slot] = nil
        state.machine.left(slot)
      case .leaving(let why?), .lost(let why):
        state.sessions[slot] = nil
        if connected.hasSettings {
          state.machine.left(slot)
        } else {
          state.machine.failed(slot, why: why, at: now, jitter: .random(in: 0..<1))
        }
      }
      return !state.waiting.isEmpty
    }
    if isNews { wakeAll() }
  }
}

/// Whether a call's time ran out while it waited for a connection.
private final class Alarm: Sendable {
  private struct State {
    var hasRung = false
    var isCancelled = false
    var timer: LoopBound<any ScheduledAction>?
  }

  private let state = Guarded(State())

  var hasRung: Bool { state.withLock { $0.hasRung } }

  func ring() { state.withLock { $0.hasRung = true } }

  func set(_ timer: LoopBound<any ScheduledAction>) {
    let isLate = state.withLock { state in
      state.timer = timer
      return state.isCancelled
    }
    if isLate { timer.value.cancel() }
  }

  func cancel() {
    let timer = state.withLock { state in
      state.isCancelled = true
      return state.timer
    }
    timer?.run { $0.cancel() }
  }
}
