internal import RPCCore
internal import Wire

/// Connections to the server that many share, each made anew when it is lost and wanted again.
///
/// They are made before the start, so that what is measured is calls; those that are lost later are
/// waited for by whoever wants to call.
final class Lines {
  private enum Line {
    case none
    case connecting([(Result<Channel, RPCFailure>) -> Void])
    case open(Channel)
  }

  private let connector: any Connector
  private let loop: any Loop
  private let limits: ClientLimits
  private var lines: [Line]
  private var isClosed = false
  /// Is told of every connection that was lost, and why.
  var lost: (String) -> Void
  /// How many are open, these and those of the same kind that nobody shares.
  let tally: Tally

  final class Tally {
    private var open: UInt64 = 0
    private(set) var most: UInt64 = 0

    func opened() {
      open += 1
      most = max(most, open)
    }

    func closed() { open -= min(1, open) }
  }

  init(
    _ count: Int,
    through connector: any Connector,
    on loop: any Loop,
    limits: ClientLimits = .defaults,
    tally: Tally = Tally(),
    lost: @escaping (String) -> Void = { _ in }
  ) {
    self.connector = connector
    self.loop = loop
    self.limits = limits
    self.lost = lost
    self.tally = tally
    lines = Array(repeating: .none, count: max(1, count))
  }

  var count: Int { lines.count }

  /// One connection of the same kind, which nobody shares.
  func alone() -> Lines {
    Lines(1, through: connector, on: loop, limits: limits, tally: tally, lost: lost)
  }

  /// Hands over the connection of that number, modulo how many there are, as soon as it stands: before
  /// this returns, where it does already.
  func withLine(_ number: Int, _ then: @escaping (Result<Channel, RPCFailure>) -> Void) {
    let index = number % lines.count
    switch lines[index] {
    case .open(let channel): return then(.success(channel))
    case .connecting(let waiting): lines[index] = .connecting(waiting + [then])
    case .none:
      guard !isClosed else {
        return then(.failure(RPCFailure(.unavailable, "the rehearsal is over")))
      }
      lines[index] = .connecting([then])
      connect(index)
    }
  }

  /// The channels that stand.
  var open: [Channel] {
    lines.compactMap { line in
      if case .open(let channel) = line { channel } else { nil }
    }
  }

  private func connect(_ index: Int) {
    Channel.connect(
      through: connector,
      toAddress: index % connector.addressCount,
      on: loop,
      limits: limits
    ) { [weak self] channel in
      self?.closed(index, channel)
    } completed: { [weak self] channel, failure in
      self?.connected(index, channel, failure)
    }
  }

  private func connected(_ index: Int, _ channel: Channel?, _ failure: String?) {
    guard case .connecting(let waiting) = lines[index] else { return }
    let result: Result<Channel, RPCFailure>
    if let channel, channel.whyClosed == nil, !isClosed {
      tally.opened()
      lines[index] = .open(channel)
      result = .success(channel)
    } else {
      lines[index] = .none
      let why = failure ?? channel?.whyClosed ?? "the connection was closed"
      result = .failure(RPCFailure(.unavailable, why))
    }
    for then in waiting { then(result) }
  }

  private func closed(_ index: Int, _ channel: Channel) {
    guard case .open(let known) = lines[index], known === channel else { return }
    lines[index] = .none
    tally.closed()
    // A server does not keep those for long who never ask for anything.
    if !isClosed, channel.wasUsed { lost(channel.whyClosed ?? "") }
  }

  /// Cuts one of them, as a network does.
  func cut(_ number: Int) {
    guard case .open(let channel) = lines[number % lines.count] else { return }
    // Forgotten first, for nobody is to hear that it was lost.
    lines[number % lines.count] = .none
    tally.closed()
    channel.cut("the network was cut, as was rehearsed")
  }

  /// Closes all, and makes no more.
  func close() {
    isClosed = true
    for channel in open {
      tally.closed()
      channel.cut("the rehearsal is over")
    }
    lines = lines.map { _ in .none }
  }
}
