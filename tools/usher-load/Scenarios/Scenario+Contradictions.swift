internal import Arguments
internal import Spelling

/// Things that do not go together.
struct Contradiction: Sendable, Hashable {
  /// Those that are concerned, the one at which it is told last.
  let keys: [String]
  /// Why, with the numbers.
  let reason: String

  var key: String { keys.last ?? "" }
}

extension Scenario {
  /// What a server takes for a name, but for a dash and the run's own name.
  private static let ownGateMax = 52

  /// All contradictions of a scenario whose fields are each within bounds.
  func contradictions() -> [Contradiction] {
    contradictionsOfTimes() + contradictionsOfArrivals() + contradictionsOfCalls()
      + contradictionsOfGate() + contradictionsOfSeats() + contradictionsOfCrowd()
  }

  private func contradictionsOfTimes() -> [Contradiction] {
    var found: [Contradiction] = []
    if warmUp >= timeLimit {
      found.append(
        Contradiction(
          keys: ["time_limit", "warm_up"],
          reason: "\(warmUp.shortText) of \(timeLimit.shortText) (time_limit): nothing is left to "
            + "measure"
        )
      )
    }
    if model == .call, callers == nil, let length = arrivalsLength, length > .zero, warmUp >= length
    {
      found.append(
        Contradiction(
          keys: ["arrivals", "warm_up"],
          reason: "\(warmUp.shortText) are not counted (warm_up), and the last call begins after "
            + "\(length.shortText) (arrivals): nothing is left to measure"
        )
      )
    }
    if let opensIn = sale.opensIn, opensIn >= timeLimit {
      found.append(
        Contradiction(
          keys: ["time_limit", "sale.opens_in"],
          reason: "the gate opens after \(opensIn.shortText), and the run ends after "
            + "\(timeLimit.shortText) (time_limit)"
        )
      )
    }
    return found
  }

  private func contradictionsOfArrivals() -> [Contradiction] {
    guard callers == nil else { return [] }
    guard !arrivals.isEmpty else {
      let callers = model == .call ? ", or callers" : ""
      return [
        Contradiction(
          keys: ["arrivals"],
          reason: "nobody comes, for no stage says when: give one, such as \"100/s for 60s\" or "
            + "\"all at once\"\(callers)"
        )
      ]
    }
    guard arrivals.count <= ArrivalStage.stagesMax else {
      let count = arrivals.count.grouped
      return [
        Contradiction(
          keys: ["arrivals"],
          reason: "\(count) stages, and at most \(ArrivalStage.stagesMax) are taken"
        )
      ]
    }
    var found: [Contradiction] = []
    let lengths = arrivals.map(\.duration)
    let length = lengths.reduce(Duration.zero) { $0 + ($1 ?? .zero) }
    if length > timeLimit {
      found.append(
        Contradiction(
          keys: ["time_limit", "arrivals"],
          reason: "the stages last \(length.shortText), and the run ends after "
            + "\(timeLimit.shortText) (time_limit)"
        )
      )
    }
    if model != .call, expected < people {
      found.append(
        Contradiction(
          keys: ["people", "arrivals"],
          reason: "the stages bring \(expected.grouped), which is fewer than people "
            + "\(people.grouped): let more come, such as the rest at the end with \"all at once\""
        )
      )
    }
    return found
  }

  private func contradictionsOfCalls() -> [Contradiction] {
    guard model == .call else {
      let callers = callers.map { _ in
        Contradiction(keys: ["callers"], reason: "this is only for model call")
      }
      let call = call.map { _ in
        Contradiction(keys: ["call.method"], reason: "this is only for model call")
      }
      return [callers, call].compactMap(\.self)
    }
    guard call == nil else { return [] }
    return [Contradiction(keys: ["call.method"], reason: "nothing is called: give a method")]
  }

  /// What the server says no to, as it says it.
  private func contradictionsOfGate() -> [Contradiction] {
    guard !sale.existing else { return [] }
    var found: [Contradiction] = []
    func refuse(_ keys: [String], _ reason: String) {
      found.append(Contradiction(keys: keys.map { "sale." + $0 }, reason: reason))
    }
    if sale.gate.utf8.count > Self.ownGateMax {
      refuse(
        ["gate"],
        "a gate that is made for the run is named after it too, which leaves \(Self.ownGateMax) letters"
      )
    }
    if let longest = sale.askAgainMax {
      let window = sale.claimTTL + sale.returnGrace
      if window * 2 < longest * 3 {
        refuse(
          ["claim_ttl", "return_grace", "ask_again_max"],
          "claim_ttl \(sale.claimTTL.shortText) + return_grace \(sale.returnGrace.shortText) = "
            + "\(window.shortText) is less than 1.5 x ask_again_max \(longest.shortText) = "
            + "\((longest * 3 / 2).shortText): someone who asks as told could lose the place"
        )
      }
      if let soonest = sale.askAgainMin, soonest > longest {
        refuse(
          ["ask_again_min", "ask_again_max"],
          "ask_again_min \(soonest.shortText) is more than ask_again_max \(longest.shortText)"
        )
      }
    }
    if sale.sessionTTL > sale.sessionMax {
      refuse(
        ["session_ttl", "session_max"],
        "session_max \(sale.sessionMax.shortText) is less than session_ttl "
          + "\(sale.sessionTTL.shortText): nobody could stay for the session"
      )
    }
    if sale.lottery, sale.opensIn == nil {
      refuse(
        ["opens_in", "lottery"],
        "lots are drawn among those who come before the gate opens: set opens_in"
      )
    }
    return found
  }

  private func contradictionsOfSeats() -> [Contradiction] {
    guard !sale.existing else { return [] }
    var found: [Contradiction] = []
    func refuse(_ keys: [String], _ reason: String) {
      found.append(Contradiction(keys: keys, reason: reason))
    }
    let size = ["sale.concerts", "sale.dates", "sale.seats_per_date"]
    if sale.concert.isEmpty {
      refuse(["sale.concert"], "a concert that is made for the run has a name")
    }
    if sale.seats > Self.seatsMax {
      refuse(
        size,
        "\(sale.concerts.grouped) concerts x \(sale.dates.grouped) dates x "
          + "\(sale.seatsPerDate.grouped) seats = \(sale.seats.grouped), and at most "
          + "\(Self.seatsMax.grouped) are taken"
      )
    }
    if sale.goodSeats > sale.seatsPerDate {
      refuse(
        ["sale.seats_per_date", "sale.good_seats"],
        "\(sale.goodSeats.grouped) of \(sale.seatsPerDate.grouped) seats of a date"
      )
    }
    let most = crowd.seatsEach.upperBound
    if most > sale.seatsPerDate {
      refuse(
        ["sale.seats_per_date", "crowd.seats_each"],
        "\(most) seats for one person, of \(sale.seatsPerDate.grouped) that a date has"
      )
    }
    if sale.seatsPerUserMax > 0, most > sale.seatsPerUserMax {
      refuse(
        ["sale.seats_per_user_max", "crowd.seats_each"],
        "\(most) seats for one person, of whom seats_per_user_max allows "
          + sale.seatsPerUserMax.grouped
      )
    }
    for goal in goals where goal.measure == .sold && goal.bound > Double(sale.seats) {
      refuse(size + ["goals"], "\(goal.text): there are \(sale.seats.grouped) seats")
    }
    return found
  }

  private func contradictionsOfCrowd() -> [Contradiction] {
    var found: [Contradiction] = []
    let same = crowd.doubleSubmitSameKeyShare
    let new = crowd.doubleSubmitNewKeyShare
    if same.millionths + new.millionths > Share.all.millionths {
      found.append(
        Contradiction(
          keys: ["crowd.double_submit_same_key_share", "crowd.double_submit_new_key_share"],
          reason:
            "\(same.text) pay twice under the same key and \(new.text) under another: that is "
            + "more than all"
        )
      )
    }
    let most = crowd.seatsEach.upperBound
    let price = sale.goodSeats > 0 ? max(sale.price, sale.goodSeatPrice) : sale.price
    let (cost, isOver) = price.multipliedReportingOverflow(by: Int64(most))
    if !sale.existing, isOver || cost > sale.balance {
      found.append(
        Contradiction(
          keys: ["crowd.seats_each", "sale.price", "sale.balance"],
          reason: "\(sale.balance.grouped) does not pay \(most) seats at \(price.grouped) = "
            + (isOver ? "too much" : cost.grouped)
        )
      )
    }
    return found
  }

  /// The seats that a run may sell in all.
  static let seatsMax = 10_000_000
}
