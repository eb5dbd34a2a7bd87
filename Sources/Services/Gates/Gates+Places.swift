internal import Access
internal import Domain
internal import Ledger
internal import RPCCore
internal import UsherAPI

// What someone is told of their place.

extension Gates {
  /// The place that a command has left, as the board has it: everyone is told the same.
  func place<Outcome>(of claim: LineClaim, after done: Done<Outcome>) async throws -> Place {
    // Where several servers share a store, this one may not have read what came before.
    await counter.tail.wait(for: done.offset)
    return try place(of: claim, counter.boards)
  }

  /// A place as it is now.
  func place(of claim: LineClaim, _ boards: Boards) throws -> Place {
    let offset = boards.at.offset
    guard let gate = boards.gateName(claim.gate),
      let view = boards.place(of: claim.number, in: gate)
    else {
      guard !boards.mayLack(whatWasCommittedBy: claim.issued) else { throw RPCFailure.tokenAhead }
      throw RPCFailure(.tokenInvalid, "this token names no ticket that is known here")
    }
    let ticket = view.ticket
    var place = Place(
      state: TicketState(ticket.state),
      ticketID: claim.ticket.description,
      number: claim.number,
      ahead: ticket.ahead,
      behind: ticket.behind,
      wait: view.wait.map(Wait.init),
      askAgainMs: view.askAgain(number: claim.number),
      stock: Stock(view.stock),
      message: view.gate.message,
      offset: offset,
      asOfMs: view.now.milliseconds
    )
    switch ticket.state {
    case .admitted: place.claimByMs = ticket.until.ms
    case .active:
      if let until = ticket.until {
        place.entryToken = tokens.entryToken(claim, until: until, at: view.now)
        place.entryExpiresMs = until.milliseconds
      }
    case .waiting, .missed, .done, .expired, .left: break
    }
    return place
  }
}

extension PlaceView {
  /// When to ask again: those near the front soon, those far back seldom, and nobody in step with
  /// everyone else. Never sooner than the operator's least, so that polls stay below what it allows,
  /// and never later than its most, so that nobody misses their turn.
  func askAgain(number: UInt64) -> UInt32 {
    let policy = gate.policy
    let (least, most) = (policy.askAgainMinMilliseconds, policy.askAgainMaxMilliseconds)
    let wanted: Int64
    switch ticket.state {
    case .done, .expired, .left: return 0
    case .admitted, .missed: wanted = least
    case .active: wanted = most
    case .waiting:
      // A tenth of the wait; where that is unknown, a while for each hundred ahead.
      let ahead = Int64(clamping: ticket.ahead)
      wanted = wait?.milliseconds.map { $0.likely / 10 } ?? ahead.clampedTimes(least) / 100
    }
    let mixed = (number &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(bitPattern: now.milliseconds)
    let jitter = Int64((mixed &* 0xBF58_476D_1CE4_E5B9) >> 56)  // 0 to 255
    // Room for it below the most too: far back, where all are told that, they would keep in step.
    let from = max(least, min(wanted, most - most / 4))
    let to = min(most, from.clampedTimes(5) / 4)
    return UInt32(clamping: from + (to - from) * jitter / 256)
  }
}

extension Int64 {
  fileprivate func clampedTimes(_ other: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}

extension Wait {
  init(_ forecast: WaitForecast) {
    self.init(
      lowMs: UInt32(clamping: forecast.milliseconds?.low ?? 0),
      likelyMs: UInt32(clamping: forecast.milliseconds?.likely ?? 0),
      highMs: UInt32(clamping: forecast.milliseconds?.high ?? 0),
      reason: WaitReason(forecast.reason)
    )
  }
}

extension WaitReason {
  init(_ reason: WaitForecast.Reason?) {
    self =
      switch reason {
      case nil: .unspecified
      case .notOpenYet: .notOpenYet
      case .paused: .paused
      case .rateLowered: .rateLowered
      case .soldOut: .soldOut
      case .peopleStay: .peopleStay
      }
  }
}

extension Stock {
  /// Of a gate that guards nothing nothing is known.
  init(_ counts: SeatCounts?) {
    self.init(
      known: counts != nil,
      free: counts?.free ?? 0,
      held: counts?.held ?? 0,
      sold: counts?.sold ?? 0
    )
  }
}
