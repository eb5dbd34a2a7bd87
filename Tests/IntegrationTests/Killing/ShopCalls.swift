import RPCCore
import UsherAPI
import Wire

/// The calls of a sale, as a trusted back end makes them.
struct ShopCalls: Sendable {
  let caller: any Caller
  let appKey: String

  /// What an answer says, as far as it has to stay true.
  struct Answered: Sendable {
    var ids: [String]
    var offset: UInt64 = 0
    var user: String?
    var payment: String?
    var states: [(String, ReservationState)] = []
    /// What it moved into the wallet, or out of it.
    var moved: Int64 = 0
  }

  func options(user: String = "", key: String? = nil) throws -> CallOptions {
    var metadata = Metadata()
    try metadata.add(Metadata.Key.authorization, "Bearer \(appKey)")
    if !user.isEmpty { try metadata.add(Metadata.Key.user, user) }
    if let key { try metadata.add(Metadata.Key.idempotencyKey, key) }
    return CallOptions(timeout: .seconds(20), metadata: metadata)
  }

  func run(_ act: Ask.Act, for buyer: Buyer, key: String) async throws -> Answered {
    let options = try options(user: act.isRegister ? "" : buyer.user, key: key)
    switch act {
    case .register:
      return try await ask(UserMethods.register, RegisterRequest(name: buyer.name), options) {
        (response: RegisterResponse) in
        let id = response.user?.id ?? ""
        return Answered(ids: [id], user: id)
      }
    case .charge(let amount):
      return try await ask(WalletMethods.charge, ChargeRequest(amount: amount), options) {
        (response: ChargeResponse) in
        Answered(ids: [response.entry?.id ?? ""], moved: response.entry?.amount ?? 0)
      }
    case .hold(let count):
      let request = HoldRequest(dateID: buyer.date, bestAvailable: count)
      return try await ask(ReservationMethods.hold, request, options) {
        (response: HoldResponse) in
        let ids = response.reservations.map(\.id)
        return Answered(ids: [response.holdID] + ids, states: ids.map { ($0, .pending) })
      }
    case .pay(let ids): return try await pay(ids, options)
    case .release(let ids):
      let request = ReleaseRequest(reservationIDs: ids)
      return try await ask(ReservationMethods.release, request, options) {
        (response: ReleaseResponse) in
        let ids = response.reservations.map(\.id)
        return Answered(ids: ids, states: ids.map { ($0, .cancelled) })
      }
    case .cancel(let id):
      let request = CancelRequest(reservationID: id)
      return try await ask(ReservationMethods.cancel, request, options) {
        (response: CancelResponse) in
        let id = response.reservation?.id ?? ""
        let refunded = response.refunded
        return Answered(ids: [id], states: [(id, .cancelled)], moved: refunded)
      }
    }
  }

  private func pay(_ ids: [String], _ options: CallOptions) async throws -> Answered {
    let request = PayRequest(reservationIDs: ids)
    return try await ask(PaymentMethods.pay, request, options) { (response: PayResponse) in
      let payment = response.payment ?? Payment()
      return Answered(
        ids: [payment.id],
        payment: payment.id,
        states: payment.lines.map { ($0.reservationID, .paid) },
        moved: -payment.total
      )
    }
  }

  private func ask<Request: Message, Response: Message>(
    _ method: MethodDescriptor,
    _ request: Request,
    _ options: CallOptions,
    _ read: (Response) -> Answered
  ) async throws -> Answered {
    let answer: Answer<Response> = try await caller.unary(method, request, options: options)
    var answered = read(answer.message)
    answered.offset = answer.trailers[Metadata.Key.offset].flatMap { UInt64($0) } ?? 0
    return answered
  }
}

extension Ask.Act {
  fileprivate var isRegister: Bool {
    guard case .register = self else { return false }
    return true
  }
}
