internal import Audit
internal import Measuring
internal import Reports
internal import UsherAPI

/// What the log tells of one sale, event by event: how long the line is, who is inside, which seats are
/// whose, and whether anything is missing. It knows no connection and no clock but the log's.
struct SaleLog: Sendable {
  /// A ticket's times, in the log's milliseconds.
  struct Ticket: Sendable {
    let number: UInt64
    let enteredMs: Int64
    var admittedMs: Int64?
    var admission: UInt64 = 0
    var state: TicketState = .waiting
  }

  /// A seat's, in milliseconds since the start.
  struct SeatLife: Sendable {
    /// The last changes are kept, since they say who has it now.
    static let changesMax = 20

    private(set) var changes: [SeatRecord.Change] = []
    private(set) var changesLeftOut: UInt64 = 0
    private(set) var holds: UInt32 = 0

    var state: SeatRecord.State { changes.last?.state ?? .free }

    mutating func become(_ state: SeatRecord.State, at moment: Int64) {
      if state == .held { holds += 1 }
      if changes.count == Self.changesMax {
        changes.removeFirst()
        changesLeftOut += 1
      }
      changes.append(SeatRecord.Change(atMs: moment, state))
    }
  }

  struct SeatKey: Hashable, Sendable {
    let date: String
    let number: UInt32
  }

  /// A window of time, as it was at its end, and the most that it saw.
  struct Window: Mergeable, Codable {
    var waiting: UInt64?
    var inside: UInt64?
    var insideMost: UInt64 = 0
    var admitted: UInt64 = 0
    var admittedMost: UInt64 = 0
    var left: UInt64 = 0
    var missed: UInt64 = 0
    var held: UInt64?
    var sold: UInt64?

    mutating func merge(_ other: Window) {
      waiting = other.waiting ?? waiting
      inside = other.inside ?? inside
      insideMost = max(insideMost, other.insideMost)
      admitted += other.admitted
      admittedMost = max(admittedMost, other.admittedMost)
      left += other.left
      missed += other.missed
      held = other.held ?? held
      sold = other.sold ?? sold
    }
  }

  private let gate: String
  private let rateIntervalMs: Int64
  private let concerts: Set<String>
  /// The sale's dates in the order of the log, and how many seats each has.
  private(set) var dates: [PreparedSale.Date]
  private var isDate: Set<String>
  /// What was sold before the start.
  private var soldBefore: UInt64 = 0
  private var hasStarted = false
  /// The log's time at the rehearsal's start.
  let startMs: Int64
  private(set) var tickets: [String: Ticket] = [:]
  private(set) var seats: [SeatKey: SeatLife] = [:]
  private var holders: [SeatKey: String] = [:]
  private(set) var windows = Windows<Window>()
  private(set) var waiting: UInt64 = 0
  private(set) var inside: UInt64 = 0
  private(set) var admitted: UInt64 = 0
  private(set) var held: UInt64 = 0
  private(set) var sold: UInt64 = 0
  private var admissionsMs: [Int64] = []
  private var admissionsFirst = 0
  private(set) var auditor: GateAuditor

  /// How many events came, and where one was missing or came again.
  private(set) var events: UInt64 = 0
  private(set) var lastOffset: UInt64
  private(set) var gaps: [String] = []
  private(set) var gapsTotal: UInt64 = 0

  /// No rehearsal is longer, whatever a server says the time is.
  private static let longestMs: Int64 = 100 * 86_400_000

  init(of sale: PreparedSale, startMs: Int64) {
    gate = sale.gate
    concerts = Set(sale.concerts)
    dates = sale.dates
    isDate = Set(sale.dates.map(\.id))
    rateIntervalMs = Int64(sale.policy.rateIntervalMs)
    self.startMs = startMs
    lastOffset = sale.offsetBefore
    auditor = GateAuditor(of: sale.gate)
  }

  /// Takes the next event.
  mutating func take(_ event: Event) {
    events += 1
    if !hasStarted, event.atMs >= startMs {
      hasStarted = true
      soldBefore = sold
    }
    if event.offset != lastOffset &+ 1 {
      gapsTotal += 1
      if gaps.count < 3 { gaps.append("offset \(event.offset) came after \(lastOffset)") }
    }
    lastOffset = event.offset
    auditor.take(event)
    switch event.what {
    case .ticketEntered(let entered) where entered.gate == gate:
      // Of those who came before the rehearsal it is only told how many there are.
      if event.atMs >= startMs {
        tickets[entered.ticketID] = Ticket(number: entered.number, enteredMs: event.atMs)
      }
      waiting += 1
      note(event) { _ in }
    case .ticketMoved(let moved) where moved.gate == gate: move(moved, event)
    case .dateChanged(let date) where concerts.contains(date.concertID): learn(date)
    case .seatsHeld(let held): hold(held, event)
    case .reservationEnded(let ended), .refunded(let ended): free(ended, event)
    case .paid(let payment): sell(payment, event)
    default: break
    }
  }

  /// Whatever is true now is so at the end of the event's window, until another says otherwise.
  private mutating func note(_ event: Event, _ change: (inout Window) -> Void) {
    // What was before the start is what it begins with, and no part of it.
    guard hasStarted else { return }
    let moment = UInt64(max(0, min(event.atMs &- startMs, Self.longestMs))) * 1_000_000
    windows.count(at: moment) { window in
      window.waiting = waiting
      window.inside = inside
      window.insideMost = max(window.insideMost, inside)
      window.held = held
      window.sold = sold
      change(&window)
    }
  }
}

// MARK: - The line

extension SaleLog {
  private mutating func move(_ moved: TicketMoved, _ event: Event) {
    func isInside(_ state: TicketState) -> Bool { state == .admitted || state == .active }
    if moved.from == .waiting { waiting -= min(1, waiting) }
    if moved.to == .waiting { waiting += 1 }
    if isInside(moved.from) { inside -= min(1, inside) }
    if isInside(moved.to) { inside += 1 }
    tickets[moved.ticketID]?.state = moved.to
    guard moved.to == .admitted || moved.from == .waiting && moved.to == .active else {
      return note(event) { window in
        if moved.to == .left { window.left += 1 }
        if moved.to == .missed { window.missed += 1 }
      }
    }
    admitted += 1
    if tickets[moved.ticketID]?.admittedMs == nil {
      tickets[moved.ticketID]?.admittedMs = event.atMs
      tickets[moved.ticketID]?.admission = moved.admission
    }
    let most = admissionsWithin(event.atMs)
    note(event) { window in
      window.admitted += 1
      window.admittedMost = max(window.admittedMost, most)
    }
  }

  /// How many admissions the rate's interval that ends now has seen, this one among them.
  private mutating func admissionsWithin(_ nowMs: Int64) -> UInt64 {
    admissionsMs.append(nowMs)
    while admissionsFirst < admissionsMs.count,
      nowMs &- admissionsMs[admissionsFirst] >= max(rateIntervalMs, 1)
    {
      admissionsFirst += 1
    }
    let count = UInt64(admissionsMs.count - admissionsFirst)
    if admissionsFirst > 4_096 {
      admissionsMs.removeFirst(admissionsFirst)
      admissionsFirst = 0
    }
    return count
  }
}

// MARK: - Seats

extension SaleLog {
  private func isOurs(_ date: String) -> Bool { isDate.contains(date) }

  /// A date of a sale that was there before.
  private mutating func learn(_ date: ConcertDate) {
    guard isDate.insert(date.id).inserted else { return }
    dates.append(PreparedSale.Date(id: date.id, seats: date.seatsTotal))
  }

  /// How many seats there are.
  var seatsTotal: UInt64 { dates.reduce(0) { $0 + UInt64($1.seats) } }

  /// How many seats were sold by the rehearsal.
  var soldNow: UInt64 { hasStarted ? sold - min(sold, soldBefore) : 0 }

  private mutating func hold(_ hold: SeatsHeld, _ event: Event) {
    for reservation in hold.reservations where isOurs(reservation.dateID) {
      let key = SeatKey(date: reservation.dateID, number: reservation.seatNumber)
      holders[key] = reservation.id
      held += 1
      seats[key, default: SeatLife()].become(.held, at: event.atMs &- startMs)
    }
    note(event) { _ in }
  }

  private mutating func free(_ ended: ReservationEnded, _ event: Event) {
    guard let reservation = ended.reservation, isOurs(reservation.dateID) else { return }
    let key = SeatKey(date: reservation.dateID, number: reservation.seatNumber)
    guard holders[key] == reservation.id else { return }
    holders[key] = nil
    if seats[key]?.state == .sold { sold -= min(1, sold) } else { held -= min(1, held) }
    seats[key]?.become(.free, at: event.atMs &- startMs)
    note(event) { _ in }
  }

  private mutating func sell(_ payment: Payment, _ event: Event) {
    for line in payment.lines where isOurs(line.dateID) {
      let key = SeatKey(date: line.dateID, number: line.seatNumber)
      held -= min(1, held)
      sold += 1
      seats[key, default: SeatLife()].become(.sold, at: event.atMs &- startMs)
    }
    note(event) { _ in }
  }
}
