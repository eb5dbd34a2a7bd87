/// Who someone in the crowd is. It follows from the seed and the person's number alone: nobody else
/// changes it, whoever comes first and on whichever worker.
public struct Person: Sendable, Hashable {
  /// Which of the people this is, from 0, in the order in which they come.
  public let number: Int
  /// Whether the place is watched, not asked for.
  public let watches: Bool
  /// Whether, let in, this person never comes.
  public let isNoShow: Bool
  /// How long the wait may be; nil: as long as it takes.
  public let patience: Duration?
  /// How long this person looks around before choosing.
  public let browse: Duration
  /// How long choosing takes, each time.
  public let choose: Duration
  /// How long it takes to pay what is held.
  public let pay: Duration
  /// Where the tab is lost, to enter again from another; nil: nowhere.
  public let lostTab: LostTab?
  /// When, counted from entering, the connection breaks and is made again; nil: never.
  public let reconnectsAfter: Duration?
  /// Whether payment is sent twice.
  public let doubleSubmit: DoubleSubmit
  /// Whether what is held is never paid.
  public let lapses: Bool
  /// How many seats are wanted.
  public let seatCount: Int
  /// Whether the server is to choose the seats.
  public let asksBestAvailable: Bool
  /// Whether one of the seats is given back after paying.
  public let refunds: Bool
  /// Whether the place is in the priority lane.
  public let isPriority: Bool

  /// How hard the good seats are wanted.
  private let goodSeatExponent: Double
  /// Which date is looked at first, from 0 to below 1.
  private let firstDate: Double
  /// What seats are chosen by.
  private var choice: SeededRandom
  /// What pauses before trying again are drawn by.
  private var retries: SeededRandom

  /// Where someone is on the way.
  public enum Step: Sendable, Hashable, CaseIterable {
    case wait, browse, choose, pay
  }

  /// A tab that is lost: while waiting, so long after entering, or when a later step begins.
  public enum LostTab: Sendable, Hashable {
    case waiting(after: Duration)
    case beginning(Step)
  }

  /// Whether payment is sent twice, and under which keys.
  public enum DoubleSubmit: Sendable, Hashable {
    case none, sameKey, newKey
  }

  /// The person of that number in the crowd of that seed.
  public init(_ number: Int, of crowd: CrowdPlan, seed: UInt64) {
    var random = SeededRandom(seed: seed, part: UInt64(bitPattern: Int64(number)))
    func happens(_ share: Share) -> Bool { random.happens(share.fraction) }
    func within(_ range: ClosedRange<Duration>) -> Duration { range.point(at: random.share()) }
    self.number = number
    goodSeatExponent = crowd.goodSeatExponent
    // Each trait takes the same draws whatever comes of them, always in this order; a new one goes to
    // the end, and then changes none of the others.
    choice = SeededRandom(seed: random.next())
    firstDate = random.share()
    watches = happens(crowd.watchShare)
    isNoShow = happens(crowd.noShowShare)
    let isImpatient = happens(crowd.impatientShare)
    let limit = within(crowd.patience)
    patience = isImpatient ? limit : nil
    browse = within(crowd.browse)
    choose = within(crowd.choose)
    pay = within(crowd.pay)
    let losesTab = happens(crowd.lostTabShare)
    let step = Step.allCases[Int(random.share() * Double(Step.allCases.count))]
    let lossAfter = within(crowd.lostTabAfter)
    lostTab = !losesTab ? nil : step == .wait ? .waiting(after: lossAfter) : .beginning(step)
    let reconnects = happens(crowd.reconnectShare)
    let breakAfter = within(crowd.reconnectAfter)
    reconnectsAfter = reconnects ? breakAfter : nil
    let twice = random.share()
    let same = crowd.doubleSubmitSameKeyShare.fraction
    let either = same + crowd.doubleSubmitNewKeyShare.fraction
    doubleSubmit = twice < same ? .sameKey : twice < either ? .newKey : .none
    lapses = happens(crowd.lapseShare)
    let counts = crowd.seatsEach
    seatCount = counts.lowerBound + Int(random.share() * (Double(counts.count)))
    asksBestAvailable = happens(crowd.bestAvailableShare)
    refunds = happens(crowd.refundShare)
    isPriority = happens(crowd.priorityShare)
    retries = SeededRandom(seed: random.next())
  }

  /// How long this person waits before trying again what failed, drawn anew each time.
  public mutating func retryPause() -> Duration {
    .milliseconds(500) + .seconds(1) * retries.share()
  }

  /// Which of so many dates is looked at when those before had nothing: one after the other, from one
  /// of the person's own. 0 where there are none.
  public func date(of count: Int, attempt: Int = 0) -> Int {
    guard count > 0 else { return 0 }
    let first = min(Int(firstDate * Double(count)), count - 1)
    return (first + max(attempt, 0) % count) % count
  }

  /// Seats of `free`, which are in order of how good they are, so many of them or what there is. Asked
  /// again, the person chooses again.
  public mutating func pick(_ count: Int, from free: [UInt32]) -> [UInt32] {
    let count = min(max(count, 0), free.count)
    guard count < free.count else { return free }
    let ranks = Zipf(count: free.count, exponent: goodSeatExponent)
    var picked: Set<Int> = []
    // Where a few are wanted by far the most, drawing the others would take long.
    var drawsLeft = 16 * count
    while picked.count < count, drawsLeft > 0 {
      picked.insert(ranks.rank(at: choice.share()))
      drawsLeft -= 1
    }
    for rank in free.indices {
      guard picked.count < count else { break }
      picked.insert(rank)
    }
    return picked.sorted().map { free[$0] }
  }
}

extension ClosedRange<Duration> {
  /// What lies at that part of the way through it, to the nanosecond.
  fileprivate func point(at share: Double) -> Duration {
    lowerBound + (upperBound - lowerBound) * share
  }
}
