internal import UsherAPI
internal import Wire

/// The rows of an export, by what they are found by.
struct ExportedTables {
  private(set) var users: [String: User] = [:]
  private(set) var concerts: [String: Concert] = [:]
  private(set) var dates: [String: ConcertDate] = [:]
  private(set) var seats: [SeatKey: TakenSeat] = [:]
  private(set) var reservations: [String: Reservation] = [:]
  private(set) var payments: [String: Payment] = [:]
  private(set) var wallets: [String: Wallet] = [:]
  private(set) var entries: [String: WalletMoved] = [:]
  private(set) var gates: [String: Gate] = [:]
  private(set) var tickets: [String: TicketRow] = [:]
  /// As of where in the log; nil before the first chunk.
  private(set) var position: (epoch: UInt64, offset: UInt64)?
  /// The tables that have come, in order, and rows that came twice.
  private(set) var names: [String] = []
  private(set) var repeated: [String] = []

  /// The tables of an export, in its order.
  static let all = [
    "users", "concerts", "dates", "taken_seats", "reservations", "payments", "wallets", "entries",
    "gates", "tickets",
  ]

  mutating func take(_ chunk: ExportChunk) throws(AuditFailure) {
    if let position, position != (chunk.epoch, chunk.offset) {
      throw AuditFailure(
        "the export is as of offset \(position.offset) and of \(chunk.offset): not one state"
      )
    }
    position = (chunk.epoch, chunk.offset)
    if names.last != chunk.table { names.append(chunk.table) }
    for row in chunk.rows { try take(row, of: chunk.table) }
  }

  /// Whether every table has come, each whole and in its place.
  func checkAll() throws(AuditFailure) {
    guard names == Self.all else {
      throw AuditFailure("the export has the tables \(names), and not \(Self.all)")
    }
  }

  private mutating func take(_ bytes: [UInt8], of table: String) throws(AuditFailure) {
    do throws(DecodeFailure) {
      switch table {
      case "users": keep(try User(decoding: bytes), \.id, in: \.users, table)
      case "concerts": keep(try Concert(decoding: bytes), \.id, in: \.concerts, table)
      case "dates": keep(try ConcertDate(decoding: bytes), \.id, in: \.dates, table)
      case "taken_seats": keep(try TakenSeat(decoding: bytes), \.key, in: \.seats, table)
      case "reservations": keep(try Reservation(decoding: bytes), \.id, in: \.reservations, table)
      case "payments":
        var payment = try Payment(decoding: bytes)
        payment.sortLines()
        keep(payment, \.id, in: \.payments, table)
      case "wallets": keep(try Wallet(decoding: bytes), \.userID, in: \.wallets, table)
      case "entries": keep(try WalletMoved(decoding: bytes), \.entryID, in: \.entries, table)
      case "gates": keep(try Gate(decoding: bytes), \.name, in: \.gates, table)
      case "tickets": keep(try TicketRow(decoding: bytes), \.id, in: \.tickets, table)
      default: break
      }
    } catch {
      throw AuditFailure("a row of \(table) cannot be read")
    }
  }

  private mutating func keep<Key: Hashable, Row>(
    _ row: Row,
    _ key: KeyPath<Row, Key>,
    in rows: WritableKeyPath<Self, [Key: Row]>,
    _ table: String
  ) {
    if self[keyPath: rows].updateValue(row, forKey: row[keyPath: key]) != nil {
      repeated.append("\(row[keyPath: key]) stands twice in \(table)")
    }
  }
}

extension WalletMoved {
  var entryID: String { entry?.id ?? "" }
}

extension Payment {
  /// Puts the lines into the order of their seats, whichever they came in.
  mutating func sortLines() {
    lines.sort { ($0.seatNumber, $0.reservationID) < ($1.seatNumber, $1.reservationID) }
  }
}
