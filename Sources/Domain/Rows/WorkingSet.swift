/// The rows that a batch works on, of every table.
package struct WorkingSet: Sendable {
  package var users = Table<User>()
  package var wallets = Table<Wallet>()
  package var entries = Table<Entry>()
  package var concerts = Table<Concert>()
  package var dates = Table<ConcertDate>()
  package var seats = Table<TakenSeat>()
  package var reservations = Table<Reservation>()
  package var payments = Table<Payment>()
  package var lines = Table<PaymentLine>()
  package var repeats = Table<Repeat>()
  package var appKeys = Table<AppKey>()
  package var signingKeys = Table<SigningKey>()
  package var tallies = Table<SeatTally>()
  package var gates = Table<Gate>()
  package var gateLines = Table<Line>()
  package var tickets = Table<Ticket>()
  package var admissions = Table<Admission>()
  package var receiptKeys = Table<ReceiptKey>()
  /// What gates have drawn; no table of the store, but made from one.
  package var draws: Draws

  /// Nothing is known but what `draws` knows: a draw never changes, so that it outlives the rows.
  package init(draws: Draws = Draws()) {
    self.draws = draws
  }

  /// Shows every table to `visitor`: the one place that lists them all, so that stores, exports and
  /// tests cannot forget one.
  package mutating func visit<Visitor: TableVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&users)
    try visitor.visit(&wallets)
    try visitor.visit(&entries)
    try visitor.visit(&concerts)
    try visitor.visit(&dates)
    try visitor.visit(&seats)
    try visitor.visit(&reservations)
    try visitor.visit(&payments)
    try visitor.visit(&lines)
    try visitor.visit(&repeats)
    try visitor.visit(&appKeys)
    try visitor.visit(&signingKeys)
    try visitor.visit(&tallies)
    try visitor.visit(&gates)
    try visitor.visit(&gateLines)
    try visitor.visit(&tickets)
    try visitor.visit(&admissions)
    try visitor.visit(&receiptKeys)
  }
}

/// Does something with every table of a working set.
package protocol TableVisitor {
  associatedtype Failure: Error
  mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) throws(Failure)
}
