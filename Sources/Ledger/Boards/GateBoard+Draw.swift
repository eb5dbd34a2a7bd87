internal import Domain

/// What an opening draws by: its seed, and the chain over all who came before it.
struct Opening: Sendable, Hashable {
  let seed: [UInt8]
  let digest: [UInt8]
}

/// The draw of an opening, as far as it has come.
enum BoardDraw: Sendable {
  case none
  case making(Opening)
  case made(Opening, GatheredDraw)

  var opening: Opening? {
    switch self {
    case .none: nil
    case .making(let opening), .made(let opening, _): opening
    }
  }
}

extension GateBoard {
  /// What the gate has opened by; nil where it draws no lots, or has not opened.
  var opening: Opening? {
    guard gate.isLottery, gate.opened != nil, !gate.seed.isEmpty else { return nil }
    return Opening(seed: gate.seed, digest: line.gatheredDigest)
  }

  /// What makes a draw, where nobody makes it yet and all have come here who go into it.
  mutating func begin(_ opening: Opening) -> (@Sendable () -> GatheredDraw)? {
    guard opening.digest == line.gatheredDigest, drawing.opening != opening else { return nil }
    drawing = .making(opening)
    let (gathered, tickets) = (gathered, tickets)
    return {
      let lottery = Lottery(seed: opening.seed, digest: opening.digest)
      return GatheredDraw(of: gathered, by: lottery) { tickets[$0].lane }
    }
  }

  /// Takes a draw that was begun. Places show it once the gate has opened.
  mutating func finish(_ draw: GatheredDraw, of opening: Opening) {
    guard case .making(opening) = drawing else { return }
    drawing = .made(opening, draw)
    showDraw()
  }

  /// The draw of that opening; nil until it is made.
  func draw(_ opening: Opening) -> GatheredDraw? {
    guard case .made(opening, let draw) = drawing else { return nil }
    return draw
  }

  /// Has all of a snapshot.
  mutating func finishLoading() {
    if let opening, let draw = begin(opening) { finish(draw(), of: opening) }
    order()
  }

  /// Puts all in the order of the draw, once it is made and the gate has opened.
  mutating func showDraw() {
    guard let opening, let draw = draw(opening) else { return }
    ranks = draw.ranks
    gathered = []
    order()
  }

  /// Counts anew who waits, in their order.
  private mutating func order() {
    var indexes = Array(0..<tickets.count)
    for index in tickets.indices { indexes[place(index)] = index }
    waiting = (FenwickTree(), FenwickTree())
    for index in indexes {
      let (isWaiting, lane) = (tickets[index].state == .waiting, tickets[index].lane)
      waiting.regular.append(isWaiting && lane == .regular)
      waiting.priority.append(isWaiting && lane == .priority)
    }
  }
}
