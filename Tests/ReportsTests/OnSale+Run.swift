import Foundation
import Measuring
import Reports

extension OnSale {
  /// Lets the sale happen, millisecond by millisecond.
  mutating func run() {
    let arrivals = arrivalMoments()
    var next = 0
    var now = 0
    while next < arrivals.count || !acts.isEmpty || head < line.count {
      if now % 1_000 == 0 { windows.append(Window()) }
      while next < arrivals.count, arrivals[next] <= now {
        arrive(now)
        next += 1
      }
      for act in acts.removeValue(forKey: now) ?? [] { perform(act, now) }
      admit(now)
      note(now)
      now += 1
    }
  }

  /// Many at once, then fewer and fewer, over a minute.
  private mutating func arrivalMoments() -> [Int] {
    (0..<Self.people).map { _ in
      let isEarly = draw.happens(0.6)
      let share = draw.share()
      let moment = isEarly ? -log(1 - share * 0.99) * 9_000 : share * Double(Self.arrivingMs)
      return min(Self.arrivingMs - 1, Int(moment))
    }.sorted()
  }

  private mutating func arrive(_ now: Int) {
    generator.planned += 1
    generator.achieved += 1
    windows[windows.count - 1].planned += 1
    reached[0] += 1
    guard sold < Self.seats else {
      call(0, now, refused: "SOLD_OUT")
      end("sold out before entering")
      return
    }
    call(0, now)
    reached[1] += 1
    line.append(Person(number: line.count + 1, enteredMs: now))
  }

  private mutating func admit(_ now: Int) {
    guard sold < Self.seats else {
      for _ in head..<line.count { end("sold out in line") }
      head = line.count
      return
    }
    while head < line.count, inside < Self.insideLimit,
      admissions.count < Self.rateLimit
        || admissions[admissions.count - Self.rateLimit] + 1_000 <= now
    {
      var person = line[head]
      head += 1
      person.admittedMs = now
      inside += 1
      admissions.append(now)
      windows[windows.count - 1].admitted += 1
      order.append([UInt64(person.number), UInt64(admissions.count)])
      promise(person)
      acts[now + draw.whole(40...900), default: []].append(
        draw.happens(0.06) ? .go(person, "never claimed") : .claim(person)
      )
    }
  }

  /// What was said at entry: some 14 a second are let in, give or take a quarter.
  private mutating func promise(_ person: Person) {
    let likely = Double(person.number) / 14 * 1_000 - Double(person.enteredMs) * 0.6
    let told_ = UInt64(max(400, likely * (0.94 + draw.share() * 0.12)))
    let waited = UInt64(person.admittedMs - person.enteredMs)
    let wait = WaitRecord(
      ahead: UInt64(person.number - 1),
      lowMs: told_ * 7 / 10,
      likelyMs: told_,
      highMs: told_ * 14 / 10 + 1_500,
      waitedMs: waited
    )
    told.waits.append(wait)
    told.timeInLine.add(waited * 1_000_000)
    if (wait.lowMs...wait.highMs).contains(waited) { told.promisesKept += 1 }
  }

  private mutating func perform(_ act: Act, _ now: Int) {
    switch act {
    case .claim(let person):
      call(1, now)
      reached[2] += 1
      acts[now + draw.whole(20...200), default: []].append(.look(person))
    case .look(let person):
      call(2, now)
      acts[now + draw.whole(300...1_400), default: []].append(.hold(person))
    case .hold(let person):
      hold(person, now)
    case .pay(let person, let seat):
      pay(person, seat, now)
    case .go(_, let reason):
      inside -= 1
      if reason == "never claimed" { windows[windows.count - 1].missed += 1 }
      if reason != "bought" { end(reason) }
      windows[windows.count - 1].left += 1
    }
  }

  private mutating func hold(_ person: Person, _ now: Int) {
    var person = person
    person.tries += 1
    if Self.stall.contains(now), draw.happens(0.1) {
      call(3, now, refused: "UNAVAILABLE", isError: true)
    } else {
      let seat = wanted()
      if let seat {
        call(3, now)
        reached[3] += 1
        holders[seat] = person.number
        become(.held, seat, now)
        seats[seat].holds += 1
        acts[now + draw.whole(400...2_600), default: []].append(.pay(person, seat: seat))
        return
      }
      call(3, now, refused: "SEAT_TAKEN")
    }
    let goesOn = person.tries < 4 && sold < Self.seats
    acts[now + draw.whole(100...600), default: []].append(
      goesOn ? .hold(person) : .go(person, sold < Self.seats ? "found no seat" : "sold out inside")
    )
  }

  /// A seat that looked free a moment ago: the fewer there are, the more often it is gone.
  private mutating func wanted() -> Int? {
    let free = seats.indices.filter { (seats[$0].changes.last?.state ?? .free) == .free }
    guard let seat = free.randomElement(using: &draw) else { return nil }
    let gone = 0.04 + 0.3 * (1 - Double(free.count) / Double(Self.seats))
    return draw.happens(gone) ? nil : seat
  }

  private mutating func pay(_ person: Person, _ seat: Int, _ now: Int) {
    holders[seat] = nil
    if draw.happens(0.07) {
      become(.free, seat, now)
      acts[now + 1, default: []].append(.go(person, "let the hold lapse"))
    } else if draw.happens(0.03) {
      call(4, now, refused: "PAYMENT_DECLINED")
      become(.free, seat, now)
      acts[now + 50, default: []].append(.go(person, "payment declined"))
    } else {
      call(4, now)
      reached[4] += 1
      sold += 1
      become(.sold, seat, now)
      told.timeToSeat.add(UInt64(now - person.enteredMs) * 1_000_000)
      acts[now + 30, default: []].append(.go(person, "bought"))
    }
  }

  private mutating func become(_ state: SeatRecord.State, _ seat: Int, _ now: Int) {
    seats[seat].changes.append(SeatRecord.Change(atMs: Int64(now), state))
  }

  private mutating func end(_ reason: String) { ends[reason, default: 0] += 1 }

  /// A call of that step: most are quick, some wait for a commit, and none end while the server stands.
  private mutating func call(
    _ index: Int,
    _ now: Int,
    refused: String? = nil,
    isError: Bool = false
  ) {
    let base = [0.7, 0.5, 1.1, 1.9, 2.4][index] * slower
    let spread = exp((draw.share() + draw.share() + draw.share() - 1.5) * 0.9)
    let commit = index >= 3 && draw.happens(0.3) ? 3.5 * slower + draw.share() : 0
    let rare = draw.happens(0.004) ? 8 + draw.share() * 22 : 0
    let still = Self.stall.contains(now) ? Double(Self.stall.upperBound - now) : 0
    let late = -log(1 - draw.share()) * 0.15 + (draw.happens(0.002) ? 3 : 0)
    let service = UInt64((base * spread + commit + rare + still * 0.5) * 1e6)
    let response = service + UInt64((late + still * 0.5) * 1e6)
    generator.lateness.add(UInt64(late * 1e6))
    let window = windows.count - 1
    windows[window].lateUs = max(windows[window].lateUs, UInt64(late * 1e3))
    let name = Self.stepNames[index]
    windows[window].answers[refused ?? "OK", default: 0] += 1
    guard let refused else {
      steps[index].response.add(response)
      steps[index].service.add(service)
      windows[window].steps[name, default: Histogram()].add(response)
      return
    }
    windows[window].failed[name, default: 0] += 1
    steps[index].failed.add(service)
    if let known = steps[index].failures.firstIndex(where: { $0.name == refused }) {
      steps[index].failures[known].count += 1
    } else {
      steps[index].failures.append(.init(name: refused, count: 1, isError: isError))
    }
  }

  /// Writes down what this millisecond is like.
  private mutating func note(_ now: Int) {
    let window = windows.count - 1
    windows[window].waiting = UInt64(line.count - head)
    windows[window].inside = UInt64(inside)
    windows[window].insideMost = max(windows[window].insideMost, UInt64(inside))
    windows[window].held = UInt64(holders.count)
    windows[window].sold = UInt64(sold)
    let recent = admissions.suffix(Self.rateLimit + 1).filter { $0 > now - 1_000 }.count
    windows[window].admittedMost = max(windows[window].admittedMost, UInt64(recent))
  }
}
