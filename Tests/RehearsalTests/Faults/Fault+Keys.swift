import RPCCore
import Threads
import UsherAPI
import Wire

// MARK: - What is asked for twice under one key

extension Fault {
  static let ofKeys = [
    Fault(
      "a hold's answer is lost, and who asks again is refused for their own seats",
      breaks: ["changes-untold"],
      says: "was never told of hold "
    ) {
      $0.forgetKey(of: ReservationMethods.hold) { (request: HoldRequest, _: HoldResponse) in
        !request.seatNumbers.isEmpty
      }
    },
    Fault(
      "a hold's answer is lost, and who asks again holds other seats too",
      breaks: ["changes-untold"],
      says: "was never told of hold "
    ) {
      $0.forgetKey(of: ReservationMethods.hold) { (request: HoldRequest, _: HoldResponse) in
        request.bestAvailable > 0
      }
    },
    Fault(
      "a charge's answer is lost, and who asks again is charged again",
      breaks: ["changes-untold"],
      says: "was never told of entry "
    ) {
      $0.forgetKey(of: WalletMethods.charge) { (_: ChargeRequest, _: ChargeResponse) in true }
    },
    Fault(
      "a payment's answer is lost, and who asks again has paid already",
      breaks: ["changes-untold"],
      says: "was never told of payment "
    ) { $0.forgetKey(of: PaymentMethods.pay) { (_: PayRequest, _: PayResponse) in true } },
    Fault(
      "a refund's answer is lost, and who asks again has cancelled already",
      breaks: ["changes-untold"],
      says: "was never told of refund "
    ) {
      $0.forgetKey(of: ReservationMethods.cancel) { (_: CancelRequest, _: CancelResponse) in true }
    },
    Fault(
      "a hold is refused and made all the same",
      breaks: ["changes-untold"],
      says: "was never told of hold "
    ) { tampering in
      let chosen = Chosen<String>()
      tampering.answer(ReservationMethods.hold) {
        (request: HoldRequest, context, really) -> HoldResponse in
        let answer = try await really(request, context)
        guard chosen.isIt(answer.holdID) else { return answer }
        throw RPCFailure(.seatTaken, "it is another's")
      }
    },
    Fault(
      "of two payments under one key one is refused for the other",
      breaks: ["keys-answered-twice"],
      says: "and with ALREADY_PAID"
    ) { tampering in
      let keys = Guarded<Set<String>>([])
      tampering.answer(PaymentMethods.pay) {
        (request: PayRequest, context, really) -> PayResponse in
        let key = context.metadata[Metadata.Key.idempotencyKey] ?? ""
        let isFirst = keys.withLock { $0.insert(key).inserted }
        return try await really(request, isFirst ? context : context.under(key: key + "-again"))
      }
    },
  ]
}

extension Tampering {
  /// Of the first call that `isIt`, what it asks for is done and its answer lost. Its key is then
  /// unknown.
  fileprivate mutating func forgetKey<Request: Message, Response: Message>(
    of method: MethodDescriptor,
    _ isIt: @escaping @Sendable (Request, Response) -> Bool
  ) {
    let forgotten = Guarded<String?>(nil)
    answer(method) { (request: Request, context, really) -> Response in
      let key = context.metadata[Metadata.Key.idempotencyKey] ?? ""
      guard forgotten.withLock({ $0 }) != key else {
        return try await really(request, context.under(key: key + "-again"))
      }
      let answer = try await really(request, context)
      let isChosen = forgotten.withLock { forgotten in
        guard forgotten == nil, isIt(request, answer) else { return false }
        forgotten = key
        return true
      }
      if isChosen { throw RPCFailure(.unavailable, "the answer was lost") }
      return answer
    }
  }
}
