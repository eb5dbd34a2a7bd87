/// Makes a concert.
package struct CreateConcert: RepeatableCommand {
  package let plan: ConcertPlan

  package init(plan: ConcertPlan) {
    self.plan = plan
  }

  package func want(in rows: inout WorkingSet) {
    plan.want(in: &rows)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Concert {
    let hold = try plan.hold(by: turn.rules)
    try plan.check(in: &turn.rows)
    let concert = Concert(
      id: turn.ids.next(),
      plan: plan,
      holdMilliseconds: hold,
      created: turn.now
    )
    turn.rows.concerts.put(concert)
    turn.tell(.concertChanged(concert))
    return concert
  }
}

/// Changes what is said of a concert. Holds that are made already keep their time, and are paid by the
/// tickets that they were made under, whichever gate guards the concert from now on.
package struct UpdateConcert: RepeatableCommand {
  package let id: ConcertID
  package let plan: ConcertPlan

  package init(id: ConcertID, plan: ConcertPlan) {
    self.id = id
    self.plan = plan
  }

  package func want(in rows: inout WorkingSet) {
    rows.concerts.want(id)
    plan.want(in: &rows)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Concert {
    var concert = try turn.rows.livingConcert(id)
    let hold = try plan.hold(by: turn.rules)
    try plan.check(in: &turn.rows)
    concert.name = plan.name
    concert.place = plan.place
    concert.runningMinutes = plan.runningMinutes
    concert.gate = plan.gate
    concert.holdMilliseconds = hold
    concert.seatsPerUserMax = plan.seatsPerUserMax
    concert.cancelUntil = plan.cancelUntil
    concert.updated = turn.now
    turn.rows.concerts.put(concert)
    turn.tell(.concertChanged(concert))
    return concert
  }
}

/// Takes a concert out of the catalogue. Its dates have to be cancelled first, so that no one's
/// money is forgotten.
package struct DeleteConcert: RepeatableCommand {
  package let id: ConcertID

  package init(id: ConcertID) {
    self.id = id
  }

  package func want(in rows: inout WorkingSet) {
    rows.concerts.want(id)
    rows.dates.want(groupOf: id)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Concert {
    var concert = try turn.rows.livingConcert(id)
    let dates = try turn.rows.dates.find(groupOf: id).filter { $0.deleted == nil }
    guard dates.isEmpty else {
      throw .no(
        .fieldInvalid,
        "concert_id: \(dates.count) dates of this concert are to be cancelled first"
      )
    }
    concert.updated = turn.now
    concert.deleted = turn.now
    turn.rows.concerts.put(concert)
    turn.tell(.concertChanged(concert))
    return concert
  }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Concert {
    guard let concert = try turn.rows.concerts.find(made.one()) else {
      throw .no(.concertNotFound, "there is no concert \(id)")
    }
    return concert
  }
}

extension RepeatableCommand where Outcome == Concert {
  package func made(_ outcome: Concert) -> [ID<Made>] { [outcome.id.of()] }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Concert {
    try turn.rows.livingConcert(made.one())
  }
}

extension ConcertPlan {
  func want(in rows: inout WorkingSet) {
    if !gate.isEmpty { rows.want(gate: gate) }
  }

  func check(in rows: inout WorkingSet) throws(Interruption) {
    guard !name.isEmpty else { throw .no(.fieldInvalid, "name: must not be empty") }
    if !gate.isEmpty { _ = try rows.gate(gate) }
  }

  func hold(by rules: Rules) throws(Interruption) -> Int64 {
    guard holdMilliseconds != 0 else { return rules.holdMilliseconds }
    guard (1...rules.holdMillisecondsMax).contains(holdMilliseconds) else {
      throw .no(.fieldInvalid, "hold_ttl_ms: must be at most \(rules.holdMillisecondsMax)")
    }
    return holdMilliseconds
  }
}
