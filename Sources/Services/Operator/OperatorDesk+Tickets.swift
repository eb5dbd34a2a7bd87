internal import Access
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

// What became of one ticket, read from the log.

extension OperatorDesk {
  package func explainTicket(
    _ request: ExplainTicketRequest,
    context: CallContext
  ) async throws -> Reply<ExplainTicketResponse> {
    let id = try TicketID(field: "ticket_id", request.ticketID)
    let events = try await counter.look(context) { snapshot throws(StoreFailure) in
      try Self.events(of: id, in: snapshot)
    }
    guard let (ticket, told) = events else {
      throw invalid("ticket_id", "there is no ticket \(id)")
    }
    let place = try Gates(counter, keys: keys).place(
      of: LineClaim(of: ticket, epoch: 0, issued: ticket.entered, expires: ticket.entered),
      counter.boards
    )
    var shown = place
    // What lets its owner in is nobody else's.
    shown.entryToken = ""
    return Reply(ExplainTicketResponse(place: shown, story: told))
  }

  /// The ticket and what happened to it; nil if there is none.
  private static func events(
    of id: TicketID,
    in snapshot: any Snapshot
  ) throws(StoreFailure) -> (Ticket, [String])? {
    guard let ticket: Ticket = try snapshot.row(id) else { return nil }
    let coder = MessageCoder()
    var story: [String] = []
    var next = ticket.offset
    while next <= snapshot.head.offset, story.count < storyMax {
      let page = try snapshot.log(from: next, max: 512)
      guard !page.isEmpty else { break }
      for event in page.compactMap(coder.decode) {
        if let what = tell(event.event, of: ticket) {
          story.append("\(event.offset)  \(event.at.milliseconds) ms  \(what)")
        }
        if case .ticketMoved(let move) = event.event, move.ticket == id, !move.to.isLiving {
          return (ticket, story)
        }
      }
      next += UInt64(page.count)
    }
    return (ticket, story)
  }

  private static let storyMax = 1_000

  private static func tell(_ event: Domain.Event, of ticket: Ticket) -> String? {
    switch event {
    case .ticketEntered(let entry) where entry.ticket == ticket.id:
      return "entered gate \(entry.gate) as number \(entry.number)"
        + (entry.isPriority ? ", in the priority lane" : "")
    case .ticketMoved(let move) where move.ticket == ticket.id:
      var text = "\(move.from) -> \(move.to)"
      if move.admission > 0 { text += ", admission \(move.admission)" }
      if let until = move.until { text += ", until \(until.milliseconds) ms" }
      return text
    case .seatsHeld(_, ticket.id, let held):
      return "held seats \(held.map { String($0.seat) }.joined(separator: ", "))"
    case .gateChanged(let gate) where gate.name == ticket.gate:
      return "the gate changed to revision \(gate.revision) by \(gate.changedBy): "
        + "\(gate.changedReason.isEmpty ? "no reason given" : gate.changedReason)"
    case .timeGivenBack(let milliseconds, _, _): return "\(milliseconds) ms were given back"
    default: return nil
    }
  }
}
