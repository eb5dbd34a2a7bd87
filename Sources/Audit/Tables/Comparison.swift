internal import UsherAPI
internal import Wire

/// Compares the tables with what the log makes of them, and with each other.
struct Comparison {
  let replay: Replay
  let tables: ExportedTables
  var findings: Findings

  init(_ replay: Replay, _ tables: ExportedTables) {
    self.replay = replay
    self.tables = tables
    findings = replay.findings
  }

  mutating func run() {
    compareTables()
    checkPosition()
    checkBalances()
    checkMoney()
    checkSeats()
  }

  private mutating func compareTables() {
    for sentence in tables.repeated { findings.add(.tablesUnlikeLog, at: nil, sentence) }
    compare("users", replay.users, tables.users)
    compare("concerts", replay.concerts, tables.concerts)
    compare("dates", replay.dates, tables.dates)
    compare("taken_seats", replay.seats, tables.seats)
    compare("reservations", replay.reservations, tables.reservations)
    compare("payments", replay.payments, tables.payments)
    compare("wallets", replay.wallets, tables.wallets)
    compare("entries", replay.entries, tables.entries)
    compare("gates", replay.gates.mapValues(\.row), tables.gates)
    compare("tickets", replay.tickets, tables.tickets)
  }

  private mutating func compare<Key: Hashable, Row: Message & Hashable>(
    _ table: String,
    _ made: [Key: Kept<Row>],
    _ stored: [Key: Row]
  ) {
    findings.looked(.tablesUnlikeLog, times: Set(made.keys).union(stored.keys).count)
    for (key, kept) in made.sorted(by: { $0.value.offset < $1.value.offset }) {
      guard let row = stored[key] else {
        findings.add(.tablesUnlikeLog, at: kept.offset, "\(table) has no row for \(key)")
        continue
      }
      guard row != kept.row, let found = FieldList.difference(row, kept.row) else { continue }
      findings.add(
        .tablesUnlikeLog,
        at: kept.offset,
        "\(found.field) of \(key) in \(table) is \(found.one), and by the log \(found.other)"
      )
    }
    let strangers = stored.keys.filter { made[$0] == nil }.map { "\($0)" }.sorted()
    for key in strangers {
      findings.add(.tablesUnlikeLog, at: nil, "\(table) has \(key), of which the log knows nothing")
    }
  }

  /// The log goes as far as the tables do.
  private mutating func checkPosition() {
    guard let position = tables.position else { return }
    if replay.last.offset != position.offset {
      findings.add(
        .logGaps,
        at: replay.last.offset,
        "the log ends here, and the tables are as of offset \(position.offset)"
      )
    }
    if replay.last.epoch > position.epoch {
      findings.add(
        .logBackwards,
        at: replay.last.offset,
        "is of epoch \(replay.last.epoch), and the tables of \(position.epoch)"
      )
    }
  }

  /// Every balance in the tables is the sum of the entries in the tables.
  private mutating func checkBalances() {
    var sums: [String: Int64] = [:]
    for moved in tables.entries.values {
      sums[moved.userID] = (sums[moved.userID] ?? 0) &+ (moved.entry?.amount ?? 0)
    }
    for user in Set(sums.keys).union(tables.wallets.keys).sorted() {
      findings.looked(.balanceUnlikeEntries)
      let (sum, balance) = (sums[user] ?? 0, tables.wallets[user]?.balance ?? 0)
      guard sum != balance else { continue }
      findings.add(
        .balanceUnlikeEntries,
        at: replay.wallets[user]?.offset,
        "the balance of \(user) is \(balance) in wallets, and its entries come to \(sum)"
      )
    }
    for wallet in tables.wallets.values.sorted(by: { $0.userID < $1.userID })
    where wallet.balance < 0 {
      findings.add(
        .balanceBelowZero,
        at: replay.wallets[wallet.userID]?.offset,
        "the balance of \(wallet.userID) is \(wallet.balance) in wallets"
      )
    }
  }
}
