internal import Domain

/// What is known of one seat.
package struct SeatView: Sendable, Hashable {
  package enum State: Sendable, Hashable { case free, held, sold }

  package let number: UInt32
  package let price: Int64
  package let state: State
}

/// How many seats of a date are in which state.
package struct SeatCounts: Sendable, Hashable {
  package var free: UInt32 = 0
  package var held: UInt32 = 0
  package var sold: UInt32 = 0
}

/// The seats of one date. A hold that is over counts as free the moment it is over, whoever has or
/// has not ended it.
struct DateBoard {
  private let prices: SeatPrices
  /// For each seat until when it is taken, in milliseconds: ``never`` where it is free, ``always``
  /// where it is sold. Empty as long as no seat was ever taken.
  private var takenUntil: [Int64] = []
  private var lists: (free: CachedList?, all: CachedList?) = (nil, nil)
  private var counted: (counts: SeatCounts, goodBefore: Int64)?

  private static let never = Int64.min
  private static let always = Int64.max

  /// A list that was encoded before, and until when it says the truth.
  private struct CachedList {
    let bytes: [UInt8]?
    let goodBefore: Int64
  }

  init(prices: SeatPrices) {
    self.prices = prices
  }

  /// A seat was taken: until then, or for good.
  mutating func take(_ seat: UInt32, until: Instant?) {
    set(seat, until.map(\.milliseconds) ?? Self.always)
  }

  /// A seat is free again.
  mutating func free(_ seat: UInt32) {
    set(seat, Self.never)
  }

  /// Every hold that lived at `instant` lives that much longer.
  mutating func giveBack(milliseconds: Int64, toHoldsLivingAt instant: Instant) {
    for index in takenUntil.indices
    where takenUntil[index] > instant.milliseconds && takenUntil[index] != Self.always {
      takenUntil[index] += milliseconds
    }
    forget()
  }

  private mutating func set(_ seat: UInt32, _ until: Int64) {
    guard seat >= 1, seat <= prices.total else { return }
    if takenUntil.isEmpty { takenUntil = Array(repeating: Self.never, count: Int(prices.total)) }
    takenUntil[Int(seat) - 1] = until
    forget()
  }

  private mutating func forget() {
    lists = (nil, nil)
    counted = nil
  }
}

// MARK: - Reading

extension DateBoard {
  /// How many seats are free, held and sold at `now`.
  mutating func counts(at now: Instant) -> SeatCounts {
    if let counted, now.milliseconds < counted.goodBefore { return counted.counts }
    var counts = SeatCounts()
    var goodBefore = Self.always
    for until in takenUntil {
      if until == Self.always {
        counts.sold += 1
      } else if until > now.milliseconds {
        counts.held += 1
        goodBefore = min(goodBefore, until)
      }
    }
    counts.free = prices.total - counts.held - counts.sold
    counted = (counts, goodBefore)
    return counts
  }

  /// The list as `encode` writes it, made again only after something has changed. Nil if no seat is
  /// free and only free ones are asked for.
  mutating func list(
    all: Bool,
    at now: Instant,
    encode: ([SeatView]) -> [UInt8]
  ) -> [UInt8]? {
    if let cached = all ? lists.all : lists.free, now.milliseconds < cached.goodBefore {
      return cached.bytes
    }
    let (seats, goodBefore) = views(all: all, at: now)
    let list = CachedList(bytes: seats.isEmpty ? nil : encode(seats), goodBefore: goodBefore)
    if all { lists.all = list } else { lists.free = list }
    return list.bytes
  }

  /// The seats at `now`, and until when this stays so if nothing happens.
  private func views(all: Bool, at now: Instant) -> ([SeatView], Int64) {
    var views: [SeatView] = []
    var goodBefore = Self.always
    for band in prices.bands {
      for number in band.from...band.through {
        let until = takenUntil.isEmpty ? Self.never : takenUntil[Int(number) - 1]
        var state = SeatView.State.free
        if until == Self.always {
          state = .sold
        } else if until > now.milliseconds {
          state = .held
          goodBefore = min(goodBefore, until)
        }
        guard all || state == .free else { continue }
        views.append(SeatView(number: number, price: band.price, state: state))
      }
    }
    return (views, goodBefore)
  }

  /// When the holds that live at `now` are over.
  func heldUntil(after now: Instant) -> [Int64] {
    takenUntil.filter { $0 > now.milliseconds && $0 != Self.always }
  }
}
