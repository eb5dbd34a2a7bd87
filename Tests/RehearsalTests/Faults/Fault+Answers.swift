import RPCCore
import Threads
import UsherAPI
import Wire

// MARK: - What people are told

extension Fault {
  /// An id that nothing has.
  private static let nothing = "00000000-0000-4000-8000-000000000001"

  static let ofAnswers = [
    Fault(
      "a hold is acknowledged and not there",
      breaks: ["acknowledged-lost"],
      says: "the hold of \(nothing) is not in the log"
    ) { tampering in
      let chosen = Chosen<String>()
      tampering.answer(ReservationMethods.hold) {
        (request: HoldRequest, context, really) -> HoldResponse in
        let key = context.metadata[Metadata.Key.idempotencyKey] ?? ""
        guard chosen.isIt(key) else { return try await really(request, context) }
        return HoldResponse(reservations: [Reservation(id: nothing)])
      }
    },
    Fault(
      "a payment is acknowledged and lost",
      breaks: ["acknowledged-lost"],
      // Whoever has not paid is still inside.
      mayBreak: ["dead-tokens"],
      says: "payment \(nothing) of "
    ) { tampering in
      let chosen = Chosen<[String]>()
      let first = Chosen<String>()
      tampering.answer(PaymentMethods.pay) {
        (request: PayRequest, context, really) -> PayResponse in
        guard chosen.isIt(request.reservationIDs) else { return try await really(request, context) }
        guard first.isIt(context.metadata[Metadata.Key.idempotencyKey] ?? "") else {
          throw RPCFailure(.failedPrecondition, "paid before")
        }
        return PayResponse(payment: Payment(id: nothing))
      }
    },
    Fault(
      "a refund is acknowledged and lost",
      breaks: ["acknowledged-lost"],
      says: "the refund of "
    ) { tampering in
      let chosen = Chosen<String>()
      tampering.answer(ReservationMethods.cancel) {
        (request: CancelRequest, context, really) -> CancelResponse in
        chosen.isIt(request.reservationID)
          ? CancelResponse() : try await really(request, context)
      }
    },
    Fault(
      "one key is answered twice, and not alike",
      breaks: ["keys-answered-twice"],
      // Of the second answer the log knows nothing.
      mayBreak: ["acknowledged-lost"],
      says: "one key was answered with"
    ) { tampering in
      let keys = Guarded<Set<String>>([])
      tampering.answer(PaymentMethods.pay) {
        (request: PayRequest, context, really) -> PayResponse in
        var answer = try await really(request, context)
        let key = context.metadata[Metadata.Key.idempotencyKey] ?? ""
        let isFirst = keys.withLock { $0.insert(key).inserted }
        if !isFirst { answer.payment?.id = nothing }
        return answer
      }
    },
    Fault(
      "the same is paid under two keys",
      breaks: ["keys-answered-twice"],
      mayBreak: ["acknowledged-lost"],
      says: "paid for the same twice"
    ) { tampering in
      tampering.answer(PaymentMethods.pay) {
        (request: PayRequest, context, really) -> PayResponse in
        do {
          return try await really(request, context)
        } catch {
          return PayResponse(payment: Payment(id: nothing))
        }
      }
    },
    Fault(
      "whoever comes back has lost their place",
      breaks: ["places-lost"],
      says: "and came back to"
    ) { tampering in
      let tickets = Guarded<Set<String>>([])
      tampering.answer(GateMethods.enter) {
        (request: EnterRequest, context, really) -> EnterResponse in
        var answer = try await really(request, context)
        let ticket = answer.place?.ticketID ?? ""
        let isFirst = tickets.withLock { $0.insert(ticket).inserted }
        if !isFirst { answer.place?.number += 1 }
        return answer
      }
    },
    Fault(
      "a token is good after its turn",
      breaks: ["dead-tokens"],
      says: "seats were listed with the token of"
    ) { tampering in
      tampering.listSeats = { really in
        do {
          return try really()
        } catch {
          return Reply(ListSeatsResponse())
        }
      }
    },
  ]
}
