internal import Crypto

/// A line with a policy: what its operator says of it. How the line itself stands is its ``Line``.
package struct Gate: Row {
  package enum Mode: Int64, Sendable {
    /// It opens later; those who come before gather.
    case announced = 1
    case open = 2
    /// Nobody is admitted; everything else goes on.
    case paused = 3
    /// Nobody new may stand in line; those who do are served.
    case drained = 4
  }

  /// All gates of one installation.
  package enum House: Int64, Sendable { case whole = 1 }

  package let name: String
  package var policy: GatePolicy
  package var mode: Mode
  /// Grows with everything that an operator changes.
  package var revision: UInt64
  /// Grows when all tokens are made worthless.
  package var epoch: UInt32
  /// When it opens; nil where it was open from the start.
  package var opens: Instant?
  /// When it opened; nil as long as those who come gather.
  package var opened: Instant?
  /// The seed's digest, published when the gate is announced; empty where the first come first.
  package var commitment: [UInt8]
  /// What those are shuffled by who came before the opening: a secret until then.
  package var seed: [UInt8]
  /// What the operator tells those who wait.
  package var message: String
  /// Why an adaptive rate is what it is.
  package var rateReason: String
  package var changed: Instant
  package var changedBy: String
  package var changedReason: String

  package var key: String { name }
  package var group: House? { .whole }

  package init(name: String, policy: GatePolicy, changed: Instant) {
    self.name = name
    self.policy = policy
    mode = .open
    revision = 0
    epoch = 1
    commitment = []
    seed = []
    message = ""
    rateReason = ""
    self.changed = changed
    changedBy = ""
    changedReason = ""
  }

  package var isLottery: Bool { !commitment.isEmpty }

  /// Has those who come before the opening shuffled by a seed, or not.
  mutating func draw(by seed: [UInt8]?) {
    self.seed = seed ?? []
    commitment = seed.map { seed in seed.withUnsafeBytes { SHA256.digest(of: $0) } } ?? []
  }

  /// Whether anyone is let in at all.
  package var isServing: Bool {
    guard opened != nil else { return false }
    switch mode {
    case .open, .drained: return true
    case .announced, .paused: return false
    }
  }

  /// What a gate may be called.
  static func check(name: String) throws(Interruption) {
    guard isName(name) else {
      throw .no(.fieldInvalid, "name: 1 to 64 letters, digits, dots, dashes and underscores")
    }
  }

  static func isName(_ name: String) -> Bool {
    let isPlain = name.utf8.allSatisfy { character in
      switch character {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    return (1...64).contains(name.utf8.count) && isPlain
  }
}

extension ColumnReader {
  /// The name of a gate.
  mutating func gateName(of table: String) throws(DamagedRow) -> String {
    let name = try text()
    guard Gate.isName(name) else {
      throw DamagedRow(table: table, problem: "\(name.prefix(80)) is no gate's name")
    }
    return name
  }
}

extension Gate: StoredRow {
  package static let shape = TableShape(
    "gates",
    key: [("name", .text)],
    columns: [("house", .integer)] + GatePolicy.columns + [
      ("mode", .integer), ("revision", .integer), ("epoch", .integer), ("opens_ms", .integer),
      ("opened_ms", .integer), ("commitment", .bytes), ("seed", .bytes), ("message", .text),
      ("rate_reason", .text),
      ("changed_ms", .integer), ("changed_by", .text), ("changed_reason", .text),
    ],
    group: ["house"]
  )

  package init(from columns: inout some ColumnReader) throws(DamagedRow) {
    let table = Self.shape.name
    name = try columns.gateName(of: table)
    let _: House = try columns.state(of: table)
    policy = try GatePolicy(from: &columns, of: table)
    mode = try columns.state(of: table)
    revision = try columns.number()
    epoch = try columns.count(of: table)
    opens = try columns.optionalInstant()
    opened = try columns.optionalInstant()
    commitment = try columns.bytes()
    seed = try columns.bytes()
    message = try columns.text()
    rateReason = try columns.text()
    changed = try columns.instant()
    changedBy = try columns.text()
    changedReason = try columns.text()
  }

  package func write(to columns: inout some ColumnWriter) {
    columns.text(name)
    columns.integer(House.whole.rawValue)
    policy.write(to: &columns)
    columns.integer(mode.rawValue)
    columns.number(revision)
    columns.integer(Int64(epoch))
    columns.instant(opens)
    columns.instant(opened)
    columns.bytes(commitment)
    columns.bytes(seed)
    columns.text(message)
    columns.text(rateReason)
    columns.instant(changed)
    columns.text(changedBy)
    columns.text(changedReason)
  }

  package static func write(_ key: String, to columns: inout some ColumnWriter) {
    columns.text(key)
  }

  package static func write(group: House, to columns: inout some ColumnWriter) {
    columns.integer(group.rawValue)
  }
}

extension WorkingSet {
  /// Asks for a gate and its line. A name that cannot be is not looked for: a caller said it, and a
  /// store may refuse the whole batch for it.
  mutating func want(gate name: String) {
    guard Gate.isName(name) else { return }
    gates.want(name)
    gateLines.want(name)
  }

  /// The gate, which has to be there.
  package mutating func gate(_ name: String) throws(Interruption) -> Gate {
    guard Gate.isName(name), let gate = try gates.find(name) else {
      throw .no(.gateNotFound, "there is no gate \(name.prefix(64))")
    }
    return gate
  }
}
