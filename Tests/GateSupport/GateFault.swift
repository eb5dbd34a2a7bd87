internal import Domain
internal import Ledger

/// Something wrong with what the domain is told, with what it tells, or with the store, and the rules
/// by which an audit has to find it.
package struct GateFault: Sendable {
  package let name: String
  /// One of these is what is found first.
  package let found: Set<GateRule>
  package let tampering: Tampering

  init(_ name: String, _ found: Set<GateRule>, _ tamper: (inout Tampering) -> Void) {
    self.name = name
    self.found = found
    var tampering = Tampering()
    tamper(&tampering)
    self.tampering = tampering
  }

  /// The domain decides by another policy than the audit is told: what it would do if it misread one.
  private init(
    _ name: String,
    _ found: Set<GateRule>,
    policy change: @escaping @Sendable (inout GatePolicy) -> Void
  ) {
    self.init(name, found) { tampering in
      tampering.showsRows = false
      tampering.policy = { told in
        var policy = told
        change(&policy)
        return policy
      }
    }
  }

  package static let all = policyFaults + logFaults + storeFaults
}

// MARK: - What the domain is told

extension GateFault {
  private static let policyFaults = [
    GateFault("the cap is read one too high", [.inside]) {
      $0.insideMax += $0.insideMax > 0 ? 1 : 0
    },
    GateFault("the cap is read one too low", [.idle]) { $0.insideMax -= $0.insideMax > 1 ? 1 : 0 },
    GateFault("one more comes in an interval than may", [.rate]) {
      $0.rateCount += $0.rateCount > 0 ? 1 : 0
    },
    GateFault("the interval is 20 ms short", [.rate]) {
      // The shortest that there can be is a second.
      $0.rateMilliseconds = max(1_000, $0.rateMilliseconds - 20)
    },
    GateFault("the interval is a millisecond long", [.idle]) { $0.rateMilliseconds += 1 },
    GateFault("the priority lane is given nothing", [.share]) { $0.prioritySharePercent = 0 },
    GateFault("a gate goes on when all is sold", [.stock]) { $0.stopsWhenSoldOut = false },
    GateFault("more come in than there are seats", [.stock]) { $0.isLimitedToStock = false },
    GateFault("a turn lasts a millisecond longer", [.lifetimes]) { $0.claimMilliseconds += 1 },
    GateFault("holds prolong no session", [.lifetimes]) {
      $0.sessionMaxMilliseconds = $0.sessionMilliseconds
    },
  ]

  private static let isPaused = GateFault("a pause is not heard", [.steps]) { tampering in
    tampering.showsRows = false
    tampering.action = { $0 == .pause ? .newEpoch : $0 }
  }
}

// MARK: - What it tells

extension GateFault {
  private static let logFaults = [
    isPaused,
    GateFault("an admission has the number of the one before", [.rate]) { tampering in
      tampering.events = { events in
        events.moves { $0.admission > 1 ? $0.with(admission: $0.admission - 1) : $0 }
      }
    },
    GateFault("someone's coming is not told", [.lost]) { tampering in
      tampering.events = { events in
        events.without {
          if case .ticketEntered(let entry) = $0 { entry.number == 3 } else { false }
        }
      }
    },
    GateFault("two who are admitted together change places", [.order, .share]) { tampering in
      tampering.events = { $0.exchangingAdmissions() }
    },
    GateFault("a step is told twice", [.steps]) { tampering in
      tampering.events = { events in
        events.flatMap { event in
          guard case .ticketMoved(let move) = event.event, move.to == .missed else {
            return [event]
          }
          return [event, event]
        }
      }
    },
    GateFault("who pays is not told to be done", [.lifetimes]) { tampering in
      tampering.events = { events in
        events.without { if case .ticketMoved(let move) = $0 { move.to == .done } else { false } }
      }
    },
    GateFault("a hold is given back and not told", [.lifetimes, .holds]) { tampering in
      tampering.events = { events in
        events.without { if case .reservationEnded = $0 { true } else { false } }
      }
    },
    GateFault("an outage is given back to one ticket too few", [.lifetimes]) { tampering in
      tampering.events = { events in
        events.map { event in
          guard case .timeGivenBack(let gap, let tickets, let holds) = event.event, tickets > 0
          else {
            return event
          }
          return event.with(.timeGivenBack(milliseconds: gap, tickets: tickets - 1, holds: holds))
        }
      }
    },
    GateFault("a draw is by another seed than was promised", [.lottery]) { tampering in
      tampering.events = { events in
        events.map { event in
          guard case .gateChanged(var gate) = event.event, gate.opened != nil, !gate.seed.isEmpty
          else { return event }
          gate.seed[0] ^= 1
          return event.with(.gateChanged(gate))
        }
      }
    },
  ]
}

// MARK: - What the store has

extension GateFault {
  /// The store is changed under whoever starts anew, and the audit is shown the log alone: what is
  /// found is what the domain then does.
  private static func restart(
    _ name: String,
    _ found: Set<GateRule>,
    _ change: @escaping @Sendable (RowStore) -> Void
  ) -> GateFault {
    GateFault(name, found) { tampering in
      tampering.showsRows = false
      tampering.restart = change
    }
  }

  private static let storeFaults = [
    restart("a ticket is lost in a crash", [.lost, .idle, .answers, .lifetimes]) { store in
      guard let ticket = store.first(Ticket.self, { $0.state == .waiting }) else { return }
      store.remove(ticket.id, of: Ticket.self)
    },
    GateFault("the store forgets a ticket", [.lost]) { tampering in
      tampering.commit = { store in
        guard let ticket = store.first(Ticket.self, { !$0.state.isLiving }) else { return }
        store.remove(ticket.id, of: Ticket.self)
      }
    },
    restart("who has left is still counted inside", [.idle]) { store in
      store.change(Line.self) { $0.active += $0.leftTotal > 0 ? 1 : 0 }
    },
    restart("who waits is not counted", [.idle, .share]) { store in
      store.change(Line.self) { $0.waiting[.regular] -= $0.waiting[.regular] > 0 ? 1 : 0 }
    },
    restart("admissions are forgotten in a crash", [.rate]) { store in
      for admission in Array(store.all(Admission.self)) {
        store.remove(admission.key, of: Admission.self)
      }
    },
    restart("admissions are numbered anew", [.rate]) { store in
      store.change(Line.self) { $0.admissions = 0 }
    },
    restart("who came back to a draw is passed over", [.order, .idle]) { store in
      store.change(Ticket.self) { ticket in
        if ticket.state == .waiting, ticket.isGathered { ticket.returns = 0 }
      }
    },
    restart("a draw is over others than came", [.order]) { store in
      store.change(Line.self) { line in
        if !line.gatheredDigest.isEmpty, line.admissions == 0 { line.gatheredDigest[0] ^= 1 }
      }
    },
    restart("the share starts anew in a crash", [.share]) { store in
      store.change(Line.self) { line in
        line.contested = 0
        line.given = 0
      }
    },
    GateFault("the lines keep count of one holder too many", [.counters]) { tampering in
      tampering.commit = { store in store.change(Line.self) { $0.holding += 1 } }
    },
    GateFault("a date's tally is lost", [.stock]) { tampering in
      tampering.commit = { store in
        for tally in Array(store.all(SeatTally.self)) {
          store.remove(tally.date, of: SeatTally.self)
        }
      }
    },
  ]
}

// MARK: - How it is done

extension RowStore {
  fileprivate func first<Element: StoredRow>(
    _ type: Element.Type,
    _ isIt: (Element) -> Bool
  ) -> Element? where Element.Key: Comparable {
    all(type).filter(isIt).min { $0.key < $1.key }
  }

  fileprivate func change<Element: StoredRow>(
    _ type: Element.Type,
    _ body: (inout Element) -> Void
  ) {
    for var row in Array(all(type)) {
      body(&row)
      put(row)
    }
  }
}

extension [LoggedEvent] {
  /// With something that nobody looks at in the place of some.
  fileprivate func without(_ isIt: (Event) -> Bool) -> [LoggedEvent] {
    map { event in
      guard isIt(event.event) else { return event }
      let user = User(id: UserID(high: 7, low: 0), name: "nobody", created: event.at)
      return event.with(.userChanged(user))
    }
  }

  fileprivate func moves(_ change: (TicketMove) -> TicketMove) -> [LoggedEvent] {
    map { event in
      guard case .ticketMoved(let move) = event.event else { return event }
      return event.with(.ticketMoved(change(move)))
    }
  }

  /// Who is admitted second comes first.
  fileprivate func exchangingAdmissions() -> [LoggedEvent] {
    let places = indices.filter { index in
      if case .ticketMoved(let move) = self[index].event { move.to == .admitted } else { false }
    }
    let isAnyNew = contains { if case .ticketEntered = $0.event { true } else { false } }
    guard !isAnyNew, places.count == 2, case .ticketMoved(let one) = self[places[0]].event,
      case .ticketMoved(let other) = self[places[1]].event, one.gate == other.gate
    else { return self }
    var events = self
    events[places[0]] = events[places[0]].with(.ticketMoved(other.with(admission: one.admission)))
    events[places[1]] = events[places[1]].with(.ticketMoved(one.with(admission: other.admission)))
    return events
  }
}

extension TicketMove {
  fileprivate func with(admission: UInt64) -> TicketMove {
    TicketMove(
      ticket: ticket,
      gate: gate,
      number: number,
      from: from,
      to: to,
      admission: admission,
      until: until
    )
  }
}
