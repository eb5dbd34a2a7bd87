internal import Access
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

/// `usher.v1.PaymentService`.
package struct Payments: PaymentService {
  private let counter: Counter

  package init(_ counter: Counter) {
    self.counter = counter
  }

  package func pay(
    _ request: PayRequest,
    context: CallContext
  ) async throws -> Reply<PayResponse> {
    let command = Pay(
      user: try context.actingUser(),
      reservations: try [ReservationID](field: "reservation_ids", request.reservationIDs),
      pass: try context.pass(counter.boards)
    )
    let done = try await counter.submit(command, for: request, context)
    let response = PayResponse(
      payment: UsherAPI.Payment(done.outcome.payment, done.outcome.lines),
      balance: done.outcome.balance
    )
    return counter.reply(response, after: done)
  }

  package func get(
    _ request: GetPaymentRequest,
    context: CallContext
  ) async throws -> Reply<UsherAPI.Payment> {
    let key = Domain.Payment.Key(
      user: try context.actingUser(),
      id: try PaymentID(field: "payment_id", request.paymentID)
    )
    let found: UsherAPI.Payment? = try await counter.look(context) {
      snapshot throws(StoreFailure) in
      guard let payment: Domain.Payment = try snapshot.row(key) else { return nil }
      return try Self.message(payment, in: snapshot)
    }
    guard let found else {
      throw RPCFailure(.paymentNotFound, "this user has no payment \(key.id)")
    }
    return Reply(found)
  }

  package func list(
    _ request: ListPaymentsRequest,
    context: CallContext
  ) async throws -> Reply<ListPaymentsResponse> {
    let user = try context.actingUser()
    let page = try Page<Domain.Payment>(size: request.pageSize, token: request.pageToken)
    let (payments, next) = try await counter.list(page, of: user, context) {
      payment,
      snapshot throws(StoreFailure) in try Self.message(payment, in: snapshot)
    }
    return Reply(ListPaymentsResponse(payments: payments, nextPageToken: next))
  }

  /// A payment with its lines, in the order of their seats.
  static func message(
    _ payment: Domain.Payment,
    in snapshot: any Snapshot
  ) throws(StoreFailure) -> UsherAPI.Payment {
    let lines: [Domain.PaymentLine] = try snapshot.rows(groupOf: payment.key)
    return UsherAPI.Payment(payment, lines.inOrder)
  }
}
