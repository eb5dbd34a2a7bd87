/// What is sold, and the gate in front of it.
public struct SalePlan: Sendable, Hashable {
  /// The gate's name.
  public var gate = "rehearsal"
  /// The concert's name; where there are several, they are numbered.
  public var concert = "Rehearsal"
  /// Whether gate and concert are there already and stay as they are: nothing below is set then, but
  /// for ``balance``. An empty ``concert`` is every concert behind the gate.
  public var existing = false

  /// How many concerts stand behind the gate.
  public var concerts = 1
  /// The dates of each concert.
  public var dates = 12
  /// The seats of each date.
  public var seatsPerDate = 50
  /// What a seat costs, in the currency's smallest unit.
  public var price: Int64 = 10_000
  /// How many seats of a date, from number 1 on, cost ``goodSeatPrice`` instead.
  public var goodSeats = 0
  /// What a good seat costs.
  public var goodSeatPrice: Int64 = 20_000
  /// Seats of a date that one person may have; 0: no limit.
  public var seatsPerUserMax = 0

  /// The most people inside at once; 0: no limit.
  public var insideMax = 40
  /// The most admissions in any window of ``rateInterval``; 0: no limit.
  public var rateCount = 20
  /// What admissions are counted in.
  public var rateInterval = Duration.seconds(1)
  /// How long an admitted person has to come.
  public var claimTTL = Duration.seconds(3)
  /// How long the place is kept for one who did not come.
  public var returnGrace = Duration.seconds(6)
  /// How long someone inside may begin new holds.
  public var sessionTTL = Duration.seconds(60)
  /// How long someone may be inside at all.
  public var sessionMax = Duration.seconds(90)
  /// How long seats are held for one who has not paid.
  public var holdTTL = Duration.seconds(8)
  /// How soon those in front ask again; nil: as the server chooses.
  public var askAgainMin: Duration?
  /// How late those far back ask again; nil: as the server chooses.
  public var askAgainMax: Duration?
  /// Whether nobody is let in while no seat is free.
  public var stopWhenSoldOut = true
  /// Whether people inside who hold nothing may not outnumber the free seats.
  public var limitToStock = false
  /// The part of the admissions that goes to the priority lane while both lanes wait: whole percents.
  public var priorityShare = Share.none
  /// How long after the run's start the gate opens; nil: it is open. Those who come before gather.
  public var opensIn: Duration?
  /// Whether those who gathered are let in by lot.
  public var lottery = false
  /// What each person charges before paying.
  public var balance: Int64 = 1_000_000

  /// The sale of the usual rehearsal.
  public init() {}

  /// All seats of all dates, of a sale that is made for the run.
  public var seats: Int {
    var seats = 1
    for factor in [concerts, dates, seatsPerDate] {
      let (product, isOver) = seats.multipliedReportingOverflow(by: factor)
      seats = isOver ? .max : product
    }
    return seats
  }
}
