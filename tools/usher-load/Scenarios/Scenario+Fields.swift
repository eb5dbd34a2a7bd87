public import Arguments
internal import Spelling

extension Scenario {
  /// Sets one thing, under its key and from the text that a file has for it: `sale.claim_ttl`, `4s`.
  ///
  /// Where only one key ends so, its end is enough, and dashes are as good as underscores: `claim-ttl`.
  /// `none` takes away what may be missing. As long as nobody said how people come, they come in the
  /// usual time, however many they are. Whether what is set agrees with the rest, ``check()`` says.
  public mutating func set(_ key: String, _ value: String) throws(UsageError) {
    let field = try Field.named(key)
    do {
      let hasUsualArrivals = arrivals == Self.usualArrivals(of: model, people: people)
      switch field.reading {
      case .single(let read):
        try read(&self, value == Field.none && field.forms.contains(.none) ? nil : value)
      case .list(let separator, let read, _):
        try read(&self, Field.parts(of: value, separator: separator))
      }
      if hasUsualArrivals, field.key == "people" {
        arrivals = Self.usualArrivals(of: model, people: people)
      }
    } catch {
      throw UsageError("\(field.key): \(error.description)", hint: error.hint)
    }
  }

  /// All keys that can be set.
  public static let keys = Field.all.map(\.key)
}

extension Field {
  /// The field of that key, or of the only one that ends so.
  static func named(_ key: String) throws(UsageError) -> Field {
    let wanted = key.replacing("-", with: "_")
    if let field = all.first(where: { $0.key == wanted }) { return field }
    let ends = all.filter { $0.key.hasSuffix("." + wanted) && !wanted.isEmpty }
    if ends.count == 1 { return ends[0] }
    if ends.count > 1 {
      let keys = ends.map(\.key).joined(separator: " and ")
      throw UsageError("\(shown(key)) may be \(keys): give the whole key")
    }
    if wanted == "model" {
      throw UsageError("model: all defaults follow from it, so it cannot be set later")
    }
    let similar = similar(to: wanted).map { "; a similar key exists: \($0)" }
    throw UsageError("unknown key \(shown(key))\(similar ?? "")")
  }

  /// The texts of a list that is written as one.
  static func parts(of text: String, separator: Character?) -> [String] {
    guard text != none, !text.allSatisfy(\.isWhitespace) else { return [] }
    let parts = separator.map { text.split(separator: $0, omittingEmptySubsequences: false) }
    return (parts ?? [text[...]]).map { part in
      let end = part.lastIndex { !$0.isWhitespace }
      return end.map { String(part[...$0].drop(while: \.isWhitespace)) } ?? ""
    }
  }

  /// The key that was meant, whole or by its end.
  static func similar(to key: String) -> String? {
    let key = String(key.prefix(60))
    if let whole = nearest(to: key, among: all.map(\.key)) { return whole }
    let ends = all.map { ($0.key, String($0.key.split(separator: ".").last ?? "")) }
    let end = nearest(to: String(key.split(separator: ".").last ?? ""), among: ends.map(\.1))
    return ends.first { $0.1 == end }?.0
  }

  /// Every field, in the order in which they are written. The model is told before them.
  static let all: [Field] = ofRun + ofSale + ofCrowd + ofCall

  /// What keys of several parts begin with.
  static let sections = ["sale", "crowd", "call"]

  private static let ofRun: [Field] = [
    Field("name", \.name, .line(1...64)),
    Field(optional: "seed", \.seed, .whole(0...UInt64.max)),
    Field("people", \.people, .whole(1...Scenario.peopleMax)),
    Field(
      key: "arrivals",
      forms: [.list, .text],
      reading: .list(
        separator: ",",
        { (scenario, texts) throws(UsageError) in
          var stages: [ArrivalStage] = []
          for text in texts { stages.append(try ArrivalStage(parsing: text)) }
          scenario.arrivals = stages
          // Calls are made by arrivals or in a loop: what was said last holds.
          if !stages.isEmpty { scenario.callers = nil }
        },
        check: { (text) throws(UsageError) in _ = try ArrivalStage(parsing: text) }
      ),
      write: { .list($0.arrivals.map(\.text)) }
    ),
    Field(
      key: "callers",
      forms: [.number, .none],
      reading: .single { (scenario, text) throws(UsageError) in
        scenario.callers = try text.map { (text) throws(UsageError) in
          try Notation.whole(1...100_000).read(text)
        }
        if scenario.callers != nil { scenario.arrivals = [] }
      },
      write: { $0.callers.map { .whole(Int64($0)) } ?? Written.none }
    ),
    Field("warm_up", \.warmUp, .time(.zero...(.planMax))),
    Field("time_limit", \.timeLimit, .time(.seconds(1)...(.planMax))),
    Field(
      key: "goals",
      forms: [.list, .text],
      reading: .list(
        separator: ",",
        { (scenario, texts) throws(UsageError) in
          var goals: [Goal] = []
          for text in texts { goals.append(try Goal(parsing: text)) }
          scenario.goals = goals
        },
        check: { (text) throws(UsageError) in _ = try Goal(parsing: text) }
      ),
      write: { .list($0.goals.map(\.text)) }
    ),
  ]

  private static let ofSale: [Field] = [
    Field("sale.gate", \.sale.gate, .gateName),
    Field("sale.concert", \.sale.concert, .line(0...100)),
    Field("sale.existing", \.sale.existing, .flag),
    Field("sale.concerts", \.sale.concerts, .whole(1...100)),
    Field("sale.dates", \.sale.dates, .whole(1...10_000)),
    Field("sale.seats_per_date", \.sale.seatsPerDate, .whole(1...1_000_000)),
    Field("sale.price", \.sale.price, .whole(0...1_000_000_000_000)),
    Field("sale.good_seats", \.sale.goodSeats, .whole(0...1_000_000)),
    Field("sale.good_seat_price", \.sale.goodSeatPrice, .whole(0...1_000_000_000_000)),
    Field("sale.seats_per_user_max", \.sale.seatsPerUserMax, .whole(0...1_000_000)),
    Field("sale.inside_max", \.sale.insideMax, .whole(0...Scenario.peopleMax)),
    Field("sale.rate_count", \.sale.rateCount, .whole(0...1_000_000)),
    Field("sale.rate_interval", \.sale.rateInterval, .time(.seconds(1)...(.seconds(3_600)))),
    Field("sale.claim_ttl", \.sale.claimTTL, .gateTime),
    Field("sale.return_grace", \.sale.returnGrace, .gateTime),
    Field("sale.session_ttl", \.sale.sessionTTL, .gateTime),
    Field("sale.session_max", \.sale.sessionMax, .gateTime),
    Field("sale.hold_ttl", \.sale.holdTTL, .gateTime),
    Field(optional: "sale.ask_again_min", \.sale.askAgainMin, .gateTime),
    Field(optional: "sale.ask_again_max", \.sale.askAgainMax, .gateTime),
    Field("sale.stop_when_sold_out", \.sale.stopWhenSoldOut, .flag),
    Field("sale.limit_to_stock", \.sale.limitToStock, .flag),
    Field("sale.priority_share", \.sale.priorityShare, .wholePercent),
    Field(optional: "sale.opens_in", \.sale.opensIn, .gateTime),
    Field("sale.lottery", \.sale.lottery, .flag),
    Field("sale.balance", \.sale.balance, .whole(0...1_000_000_000_000_000)),
  ]

  private static let ofCrowd: [Field] = [
    Field("crowd.watch_share", \.crowd.watchShare, .share),
    Field("crowd.no_show_share", \.crowd.noShowShare, .share),
    Field("crowd.impatient_share", \.crowd.impatientShare, .share),
    Field("crowd.patience", \.crowd.patience, .range(of: .plan)),
    Field("crowd.leave_when_sold_out", \.crowd.leaveWhenSoldOut, .flag),
    Field("crowd.browse", \.crowd.browse, .range(of: .plan)),
    Field("crowd.choose", \.crowd.choose, .range(of: .plan)),
    Field("crowd.pay", \.crowd.pay, .range(of: .plan)),
    Field("crowd.lost_tab_share", \.crowd.lostTabShare, .share),
    Field("crowd.lost_tab_after", \.crowd.lostTabAfter, .range(of: .plan)),
    Field("crowd.reconnect_share", \.crowd.reconnectShare, .share),
    Field("crowd.reconnect_after", \.crowd.reconnectAfter, .range(of: .plan)),
    Field("crowd.double_submit_same_key_share", \.crowd.doubleSubmitSameKeyShare, .share),
    Field("crowd.double_submit_new_key_share", \.crowd.doubleSubmitNewKeyShare, .share),
    Field("crowd.lapse_share", \.crowd.lapseShare, .share),
    Field("crowd.good_seat_exponent", \.crowd.goodSeatExponent, .real(upTo: 10)),
    Field("crowd.best_available_share", \.crowd.bestAvailableShare, .share),
    Field("crowd.seats_each", \.crowd.seatsEach, .range(of: .whole(1...50))),
    Field("crowd.tries_max", \.crowd.triesMax, .whole(1...1_000)),
    Field("crowd.refund_share", \.crowd.refundShare, .share),
    Field("crowd.priority_share", \.crowd.priorityShare, .share),
  ]

  private static let ofCall: [Field] = [
    Field(ofCall: "call.method", \.method, .method),
    Field(ofCall: "call.request", \.request, .request),
    Field(
      key: "call.metadata",
      forms: [.list, .text],
      reading: .list(
        separator: nil,
        { (scenario, texts) throws(UsageError) in
          var pairs: [CallPlan.Pair] = []
          for text in texts { pairs.append(try CallPlan.Pair(parsing: text)) }
          guard scenario.call != nil else { throw CallPlan.isForCalls }
          scenario.call?.metadata = pairs
        },
        check: { (text) throws(UsageError) in _ = try CallPlan.Pair(parsing: text) }
      ),
      write: { $0.call.map { .list($0.metadata.map(\.text)) } }
    ),
  ]
}
