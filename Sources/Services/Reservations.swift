package import Access
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

/// `usher.v1.ReservationService`.
package struct Reservations: ReservationService {
  private let counter: Counter
  private let tokens: LineTokens

  package init(_ counter: Counter, keys: KeyRing) {
    self.counter = counter
    tokens = LineTokens(keys: keys)
  }

  package func hold(
    _ request: HoldRequest,
    context: CallContext
  ) async throws -> Reply<HoldResponse> {
    let command = Hold(
      user: try context.actingUser(),
      date: try DateID(field: "date_id", request.dateID),
      choice: try choice(request),
      pass: try context.pass(counter.boards)
    )
    let done = try await counter.submit(command, for: request, context)
    var response = HoldResponse(
      holdID: done.outcome.id.description,
      reservations: done.outcome.reservations.map(UsherAPI.Reservation.init),
      expiresMs: done.outcome.expires.milliseconds
    )
    if let ticket = done.outcome.ticket, let until = ticket.until,
      let claim = try context.principal().pass?.claim
    {
      response.entryToken = tokens.entryToken(claim, until: until, at: done.at)
      response.entryExpiresMs = until.milliseconds
    }
    return counter.reply(response, after: done)
  }

  private func choice(_ request: HoldRequest) throws -> Hold.Choice {
    guard request.bestAvailable > 0 else {
      guard !request.seatNumbers.isEmpty else {
        throw invalid("seat_numbers", "must name at least one seat, unless best_available does")
      }
      return .seats(request.seatNumbers)
    }
    guard request.seatNumbers.isEmpty else {
      throw invalid("best_available", "must be 0 where seat_numbers are given")
    }
    return .best(request.bestAvailable)
  }

  package func release(
    _ request: ReleaseRequest,
    context: CallContext
  ) async throws -> Reply<ReleaseResponse> {
    let command = Release(
      user: try context.actingUser(),
      reservations: try [ReservationID](field: "reservation_ids", request.reservationIDs),
      pass: try context.pass(counter.boards)
    )
    let done = try await counter.submit(command, for: request, context)
    let response = ReleaseResponse(
      reservations: done.outcome.map(UsherAPI.Reservation.init)
    )
    return counter.reply(response, after: done)
  }

  package func get(
    _ request: GetReservationRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Reservation> {
    let key = Domain.Reservation.Key(
      user: try context.actingUser(),
      id: try ReservationID(field: "reservation_id", request.reservationID)
    )
    let found: Domain.Reservation? = try await counter.look(context) {
      snapshot throws(StoreFailure) in try snapshot.row(key)
    }
    guard let found else {
      throw RPCFailure(.reservationNotFound, "this user has no reservation \(key.id)")
    }
    return Reply(UsherAPI.Reservation(found))
  }

  package func list(
    _ request: ListReservationsRequest,
    context: CallContext
  ) async throws -> Reply<ListReservationsResponse> {
    let user = try context.actingUser()
    let page = try Page<Domain.Reservation>(size: request.pageSize, token: request.pageToken)
    let state: Int64? =
      request.state == .unspecified ? nil : Int64(request.state.rawValue)
    if let state, Domain.Reservation.State(rawValue: state) == nil {
      throw invalid("state", "\(state) is no state of a reservation")
    }
    let (reservations, next) = try await counter.list(page, of: user, state: state, context) {
      reservation,
      _ in UsherAPI.Reservation(reservation)
    }
    return Reply(ListReservationsResponse(reservations: reservations, nextPageToken: next))
  }

  package func cancel(
    _ request: CancelRequest,
    context: CallContext
  ) async throws -> Reply<CancelResponse> {
    let command = Cancel(
      user: try context.actingUser(),
      reservation: try ReservationID(field: "reservation_id", request.reservationID)
    )
    let done = try await counter.submit(command, for: request, context)
    let response = CancelResponse(
      reservation: UsherAPI.Reservation(done.outcome.reservation),
      refunded: done.outcome.refunded,
      balance: done.outcome.balance
    )
    return counter.reply(response, after: done)
  }
}
