internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI
internal import Wire

extension OperatorDesk {
  /// Streams every table as of one offset. Keys and records of idempotency keys stay here.
  package func export(
    _ request: ExportRequest,
    to responses: ResponseWriter<ExportChunk>,
    context: CallContext
  ) async throws {
    let held: any HeldSnapshot
    do throws(StoreFailure) {
      held = try await counter.reader.hold()
    } catch {
      throw RPCFailure(error)
    }
    let export = Export(held: held, responses: responses)
    do {
      try await export.run()
    } catch {
      await held.end()
      throw error
    }
    await held.end()
  }
}

/// One export under way.
private struct Export {
  let held: any HeldSnapshot
  let responses: ResponseWriter<ExportChunk>

  /// Rows of one chunk: some tens of kilobytes.
  private static let rowsMax = 256

  func run() async throws {
    try await table("users") { (row: Domain.User, _) in UsherAPI.User(row).encoded() }
    try await table("concerts") { (row: Domain.Concert, _) in UsherAPI.Concert(row).encoded() }
    try await table("dates") { (row: Domain.ConcertDate, _) in
      UsherAPI.ConcertDate(row).encoded()
    }
    try await table("taken_seats") { (row: Domain.TakenSeat, _) in message(row).encoded() }
    try await table("reservations") { (row: Domain.Reservation, _) in
      UsherAPI.Reservation(row).encoded()
    }
    try await table("payments") { (row: Domain.Payment, snapshot) throws(StoreFailure) in
      try Payments.message(row, in: snapshot).encoded()
    }
    try await table("wallets") { (row: Domain.Wallet, _) in
      UsherAPI.Wallet(userID: row.user.description, balance: row.balance).encoded()
    }
    try await table("entries") { (row: Domain.Entry, _) in
      WalletMoved(userID: row.key.user.description, entry: UsherAPI.Entry(row)).encoded()
    }
    try await table("gates") { (row: Domain.Gate, snapshot) throws(StoreFailure) in
      let line: Line? = try snapshot.row(row.name)
      return UsherAPI.Gate(row, line ?? Line(gate: row.name)).encoded()
    }
    try await table("tickets") { (row: Domain.Ticket, _) in message(row).encoded() }
  }

  private func table<Row: StoredRow>(
    _ name: String,
    encode: @Sendable @escaping (Row, any Snapshot) throws(StoreFailure) -> [UInt8]
  ) async throws {
    var last: Row.Key?
    repeat {
      try Task.checkCancellation()
      let after = last
      let (chunk, end) = try await page(name, after: after, encode: encode)
      try await responses.write(chunk)
      last = end
    } while last != nil
  }

  /// One chunk, and the key to go on after; nil at the table's end. A table without rows is one
  /// empty chunk, so that whoever reads sees that it was not forgotten.
  private func page<Row: StoredRow>(
    _ name: String,
    after: Row.Key?,
    encode: @Sendable @escaping (Row, any Snapshot) throws(StoreFailure) -> [UInt8]
  ) async throws -> (ExportChunk, Row.Key?) {
    do throws(StoreFailure) {
      return try await held.read { snapshot throws(StoreFailure) in
        let rows: [Row] = try snapshot.page(after: after, max: Self.rowsMax)
        var encoded: [[UInt8]] = []
        for row in rows { encoded.append(try encode(row, snapshot)) }
        let chunk = ExportChunk(
          table: name,
          epoch: snapshot.head.epoch,
          offset: snapshot.head.offset,
          rows: encoded
        )
        return (chunk, rows.count == Self.rowsMax ? rows.last?.key : nil)
      }
    } catch {
      throw RPCFailure(error)
    }
  }
}

private func message(_ ticket: Domain.Ticket) -> TicketRow {
  TicketRow(
    id: ticket.id.description,
    gate: ticket.gate,
    userID: ticket.user.description,
    number: ticket.number,
    priority: ticket.isPriority,
    state: TicketState(ticket.state),
    admission: ticket.admission,
    untilMs: ticket.until.ms,
    enteredMs: ticket.entered.milliseconds,
    updatedMs: ticket.updated.milliseconds
  )
}

private func message(_ seat: Domain.TakenSeat) -> UsherAPI.TakenSeat {
  UsherAPI.TakenSeat(
    dateID: seat.key.date.description,
    seatNumber: seat.key.number,
    userID: seat.user.description,
    reservationID: seat.reservation.description,
    untilMs: seat.until.ms
  )
}
