internal import Wire

/// Which connection of a client takes the next call. Knows no connection: a slot is a number.
///
/// Every slot is connected when it is first needed, so that calls can go where the fewest are open; a
/// slot that could not be connected is left alone for a while that grows with each failure.
struct PoolMachine {
  enum Slot {
    case idle
    case connecting
    case ready(openCalls: Int, openCallsMax: Int)
    case resting(until: Moment, why: String)
  }

  private(set) var slots: [Slot]
  private var backoffs: [Backoff]
  private var isClosed = false

  init(slots count: Int, backoff: Backoff) {
    precondition(count > 0, "a pool has at least one slot")
    slots = Array(repeating: .idle, count: count)
    backoffs = Array(repeating: backoff, count: count)
  }

  enum OnPick: Equatable {
    /// The call goes to that slot, and counts there.
    case use(Int)
    /// Something is under way: look again after the next change.
    case wait
    /// There is nothing to wait for.
    case fail(String)
  }

  /// A call wants a connection. Answers where it goes, and which slots to connect meanwhile.
  mutating func pick(at now: Moment) -> (OnPick, connect: [Int]) {
    guard !isClosed else { return (.fail("the client is closed"), []) }
    var connect: [Int] = []
    var best: (slot: Int, openCalls: Int)?
    var why: String?
    var isBusy = false
    for index in slots.indices {
      switch slots[index] {
      case .idle: connect.append(index)
      case .resting(let until, _) where until <= now: connect.append(index)
      case .resting(_, let reason): why = reason
      case .connecting: isBusy = true
      case .ready(let openCalls, let openCallsMax):
        guard openCalls < openCallsMax else { isBusy = true; continue }
        if openCalls < best?.openCalls ?? .max { best = (index, openCalls) }
      }
    }
    for index in connect { slots[index] = .connecting }
    if let best {
      change(openCallsOf: best.slot, by: 1)
      return (.use(best.slot), connect)
    }
    return (isBusy || !connect.isEmpty ? .wait : .fail(why ?? "there is no connection"), connect)
  }

  mutating func connected(_ slot: Int, openCallsMax: Int) {
    guard !isClosed else { return }
    slots[slot] = .ready(openCalls: 0, openCallsMax: openCallsMax)
  }

  /// The server said how many calls may be open.
  mutating func settings(_ slot: Int, openCallsMax: Int) {
    backoffs[slot].succeeded()
    guard case .ready(let openCalls, _) = slots[slot] else { return }
    slots[slot] = .ready(openCalls: openCalls, openCallsMax: openCallsMax)
  }

  mutating func callEnded(_ slot: Int) { change(openCallsOf: slot, by: -1) }

  /// The connection takes no more calls. The next call may make another.
  mutating func left(_ slot: Int) {
    guard case .ready = slots[slot] else { return }
    slots[slot] = .idle
  }

  /// No connection could be made, or the one there was broke before the server said anything.
  mutating func failed(_ slot: Int, why: String, at now: Moment, jitter: Double) {
    guard !isClosed else { return }
    slots[slot] = .resting(until: now + backoffs[slot].failed(jitter: jitter), why: why)
  }

  mutating func close() {
    isClosed = true
    slots = slots.map { _ in .idle }
  }

  private mutating func change(openCallsOf slot: Int, by change: Int) {
    guard case .ready(let openCalls, let openCallsMax) = slots[slot] else { return }
    slots[slot] = .ready(openCalls: max(0, openCalls + change), openCallsMax: openCallsMax)
  }
}
