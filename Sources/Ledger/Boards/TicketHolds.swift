internal import Domain

/// Which seats are held under which tickets: a line's policy may ask how many inside hold any.
struct TicketHolds {
  private struct Owner {
    let gate: String
    let ticket: TicketID
  }

  private var owners: [ReservationID: Owner] = [:]
  private var counts: [TicketID: Int] = [:]

  /// A seat is held; answers whether it is its ticket's first.
  mutating func add(_ hold: ReservationID, of ticket: TicketID, in gate: String) -> Bool {
    guard owners.updateValue(Owner(gate: gate, ticket: ticket), forKey: hold) == nil else {
      return false
    }
    counts[ticket, default: 0] += 1
    return counts[ticket] == 1
  }

  /// A hold has ended, whichever way; answers the gate if its ticket holds nothing any more.
  mutating func remove(_ hold: ReservationID) -> String? {
    guard let owner = owners.removeValue(forKey: hold), let count = counts[owner.ticket] else {
      return nil
    }
    counts[owner.ticket] = count > 1 ? count - 1 : nil
    return count > 1 ? nil : owner.gate
  }
}
