package import RPCCore
internal import Threads
package import UsherAPI
internal import Wire

/// Someone at a gate, who shows the tokens that they were given last.
package final class Visitor: Sendable {
  package let house: House
  package let user: String
  package let gate: String
  private let shown = Guarded(Shown())

  private struct Shown {
    var ticket = ""
    var queue = ""
    var entry = ""
  }

  init(in house: House, user: String, gate: String) {
    self.house = house
    self.user = user
    self.gate = gate
  }

  /// The ticket's id.
  package var ticket: String { shown.withLock { $0.ticket } }
  package var queueToken: String { shown.withLock { $0.queue } }
  package var entryToken: String { shown.withLock { $0.entry } }

  /// The visitor with the queue token.
  package var queued: Guest { house.app(for: user, [(Metadata.Key.token, queueToken)]) }
  /// The visitor with the entry token.
  package var inside: Guest { house.app(for: user, [(Metadata.Key.token, entryToken)]) }
  /// The visitor with no token.
  package var outside: Guest { house.app(for: user) }
}

// MARK: - The line

extension Visitor {
  @discardableResult
  package func enter(priority: Bool = false, failIfExists: Bool = false) throws -> EnterResponse {
    let request = EnterRequest(gate: gate, failIfExists: failIfExists, priority: priority)
    let guest = outside
    let response = try house.run { try await guest.gates.enter(request) }
    shown.withLock { $0.queue = response.queueToken }
    if let place = response.place { keep(place) }
    return response
  }

  @discardableResult
  package func check() throws -> Place {
    let guest = queued
    return keep(try house.run { try await guest.gates.check(.init()) })
  }

  @discardableResult
  package func claim() throws -> Place {
    let guest = queued
    return keep(try house.run { try await guest.gates.claim(.init()) })
  }

  @discardableResult
  package func leave() throws -> Place {
    let guest = queued
    return keep(try house.run { try await guest.gates.leave(.init()) })
  }

  /// The state that Check tells, and how many it says are ahead.
  package var state: TicketState {
    get throws { try check().state }
  }

  package var ahead: UInt64 {
    get throws { try check().ahead }
  }

  @discardableResult
  private func keep(_ place: Place) -> Place {
    shown.withLock { shown in
      shown.ticket = place.ticketID
      if !place.entryToken.isEmpty { shown.entry = place.entryToken }
    }
    return place
  }
}

// MARK: - Inside

extension Visitor {
  /// Holds those seats, and shows from now on the token that came with them.
  @discardableResult
  package func hold(_ seats: [UInt32], of date: String) throws -> HoldResponse {
    let guest = inside
    let response = try house.run {
      try await guest.reservations.hold(HoldRequest(dateID: date, seatNumbers: seats))
    }
    if !response.entryToken.isEmpty { shown.withLock { $0.entry = response.entryToken } }
    return response
  }

  @discardableResult
  package func pay(_ held: HoldResponse) throws -> PayResponse {
    let guest = inside
    let request = PayRequest(reservationIDs: held.reservations.map(\.id))
    return try house.run { try await guest.payments.pay(request) }
  }

  @discardableResult
  package func release(_ held: HoldResponse) throws -> ReleaseResponse {
    let guest = inside
    let request = ReleaseRequest(reservationIDs: held.reservations.map(\.id))
    return try house.run { try await guest.reservations.release(request) }
  }

  /// Why a hold of that seat is refused; nil if it is not.
  package func refusalOfHold(_ seat: UInt32, of date: String) throws -> RPCFailure? {
    let guest = inside
    return try house.failure {
      try await guest.reservations.hold(HoldRequest(dateID: date, seatNumbers: [seat]))
    }
  }

  /// Why this payment is refused; nil if it is not.
  package func refusalOfPay(_ held: HoldResponse) throws -> RPCFailure? {
    let guest = inside
    let request = PayRequest(reservationIDs: held.reservations.map(\.id))
    return try house.failure { try await guest.payments.pay(request) }
  }
}
