package import Access
internal import Crypto
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

/// `usher.v1.OperatorService`, but for its gates.
package struct OperatorDesk: OperatorService {
  let counter: Counter
  let keys: KeyRing
  let facts: ServerFacts

  package init(_ counter: Counter, keys: KeyRing, facts: ServerFacts) {
    self.counter = counter
    self.keys = keys
    self.facts = facts
  }

  package func createConcert(
    _ request: CreateConcertRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Concert> {
    let command = CreateConcert(
      plan: ConcertPlan(
        name: try request.name.checked("name", atMost: Limit.nameBytes),
        place: try request.place.checked("place", atMost: Limit.nameBytes, mayBeEmpty: true),
        runningMinutes: request.runningMinutes,
        gate: request.gate,
        holdMilliseconds: Int64(request.holdTTLMs),
        seatsPerUserMax: request.seatsPerUserMax,
        cancelUntil: Instant(ms: request.cancelUntilMs)
      )
    )
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(UsherAPI.Concert(done.outcome), after: done)
  }

  package func updateConcert(
    _ request: UpdateConcertRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Concert> {
    guard let concert = request.concert else { throw invalid("concert", "must be given") }
    try check(reason: request.reason)
    let command = UpdateConcert(
      id: try ConcertID(field: "concert.id", concert.id),
      plan: ConcertPlan(
        name: try concert.name.checked("concert.name", atMost: Limit.nameBytes),
        place: try concert.place.checked(
          "concert.place",
          atMost: Limit.nameBytes,
          mayBeEmpty: true
        ),
        runningMinutes: concert.runningMinutes,
        gate: concert.gate,
        holdMilliseconds: Int64(concert.holdTTLMs),
        seatsPerUserMax: concert.seatsPerUserMax,
        cancelUntil: Instant(ms: concert.cancelUntilMs)
      )
    )
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(UsherAPI.Concert(done.outcome), after: done)
  }

  package func deleteConcert(
    _ request: DeleteConcertRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Concert> {
    try check(reason: request.reason)
    let command = DeleteConcert(id: try ConcertID(field: "concert_id", request.concertID))
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(UsherAPI.Concert(done.outcome), after: done)
  }

  func check(reason: String) throws {
    _ = try reason.checked("reason", atMost: Limit.reasonBytes, mayBeEmpty: true)
  }
}

// MARK: - Dates

extension OperatorDesk {
  package func addDate(
    _ request: AddDateRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.ConcertDate> {
    let seats = request.seats == 0 ? facts.rules.seatsPerDate : request.seats
    let exceptions = request.prices.map {
      Domain.SeatPrices.Band(from: $0.from, through: $0.to, price: $0.price)
    }
    guard seats <= facts.rules.seatsPerDateMax else {
      throw invalid("seats", "at most \(facts.rules.seatsPerDateMax) to a date")
    }
    guard
      let prices = Domain.SeatPrices(total: seats, price: request.price, exceptions: exceptions)
    else {
      throw invalid("prices", "each within seats 1 to \(seats), and none twice")
    }
    let command = AddDate(
      concert: try ConcertID(field: "concert_id", request.concertID),
      times: DateTimes(
        opens: Instant(milliseconds: request.opensMs),
        closes: Instant(milliseconds: request.closesMs),
        bookingStarts: Instant(milliseconds: request.bookingStartsMs),
        bookingEnds: Instant(milliseconds: request.bookingEndsMs)
      ),
      prices: prices
    )
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(message(done.outcome), after: done)
  }

  package func updateDate(
    _ request: UpdateDateRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.ConcertDate> {
    guard let date = request.date else { throw invalid("date", "must be given") }
    try check(reason: request.reason)
    let command = UpdateDate(id: try DateID(field: "date.id", date.id), times: date.times)
    let done = try await counter.submit(command, for: request, context)
    return counter.reply(message(done.outcome), after: done)
  }

  /// Cancels a date step by step, so that a full house does not hold everyone up. Where it is cut
  /// short, asking again goes on where it ended.
  package func cancelDate(
    _ request: CancelDateRequest,
    context: CallContext
  ) async throws -> Reply<CancelDateResponse> {
    try check(reason: request.reason)
    let id = try DateID(field: "date_id", request.dateID)
    var progress = CancelDate.Progress()
    while true {
      let command = CancelDate(id: id, after: progress)
      let done = try await counter.submit(command, for: request, context)
      progress = done.outcome.progress
      guard done.outcome.isDone else { continue }
      let response = CancelDateResponse(
        date: message(done.outcome.date),
        refundedSeats: progress.refundedSeats,
        refunded: progress.refunded,
        owedReservationIDs: progress.owed.map(\.description)
      )
      return counter.reply(response, after: done)
    }
  }

  private func message(_ date: Domain.ConcertDate) -> UsherAPI.ConcertDate {
    UsherAPI.ConcertDate(date, seats: counter.boards.counts(of: date.id))
  }
}

// MARK: - Keys

extension OperatorDesk {
  private func reloadKeys() async throws {
    do throws(StoreFailure) {
      try await keys.load(from: counter.reader)
    } catch {
      throw RPCFailure(error)
    }
  }

  package func createAppKey(
    _ request: CreateAppKeyRequest,
    context: CallContext
  ) async throws -> Reply<CreateAppKeyResponse> {
    let name = try request.name.checked("name", atMost: Limit.nameBytes)
    var random = SystemRandomNumberGenerator()
    let key = APIKey(for: .app, using: &random)
    let command = AddAppKey(name: name, role: .app, digest: key.digest)
    let done = try await counter.submit(command, for: request, context)
    try await reloadKeys()
    // Asked again it is the first one's row, and nobody has that one's key any more.
    let isNew = done.outcome.digest == key.digest
    return counter.reply(
      CreateAppKeyResponse(key: isNew ? key.text : "", keyID: done.outcome.id.description),
      after: done
    )
  }

  package func revokeAppKey(
    _ request: RevokeAppKeyRequest,
    context: CallContext
  ) async throws -> Reply<RevokeAppKeyResponse> {
    let command = RevokeAppKey(id: try AppKeyID(field: "key_id", request.keyID))
    let done = try await counter.submit(command, for: request, context)
    try await reloadKeys()
    return counter.reply(RevokeAppKeyResponse(), after: done)
  }

  package func rotateSigningKey(
    _ request: RotateSigningKeyRequest,
    context: CallContext
  ) async throws -> Reply<RotateSigningKeyResponse> {
    var random = SystemRandomNumberGenerator()
    let command = AddSigningKey(
      secret: SecretBytes.random(32, using: &random),
      delayMilliseconds: KeyRing.publishMilliseconds
    )
    let done = try await counter.submit(command, for: request, context)
    try await reloadKeys()
    let response = RotateSigningKeyResponse(
      keyID: done.outcome.id.description,
      signsFromMs: done.outcome.signsFrom.milliseconds
    )
    return counter.reply(response, after: done)
  }
}
