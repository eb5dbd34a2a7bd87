import Arguments
import Scenarios
import Testing

@Suite struct ScenarioTests {
  /// A value that a key may have, by chance.
  private func value(for key: String, by random: inout SeededRandom) -> String {
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    func one(_ texts: [String]) -> String { texts[number(0...texts.count - 1)] }
    let name = String(key.split(separator: ".").last ?? "")
    switch name {
    case "name", "concert": return one(["a", "spring 2026", "\u{e9}\u{1f3b5} \"x\" \\ /"])
    case "seed": return one(["none", "0", "\(random.next())"])
    case "people": return "\(number(1...5_000))"
    case "arrivals":
      return one([
        "all at once", "5000 at once,pause 7ms", "ramp 0.001/s to 999999.999/s for 11s",
        "steps 0.5/s to 1000000/s in 1000 for 59s, 3/s for 1ms",
        "poisson 33.3333/s for 2m,all at once",
        "file a b.txt", "poisson \(Double(number(1...999_999)) / 7)/s for 1s, all at once",
      ])
    case "callers": return one(["none", "\(number(1...100_000))"])
    case "warm_up": return "\(number(0...9_999))ms"
    case "time_limit": return one(["24h", "3m", "181s"])
    case "goals": return one(["none", "p99.9(pay)<=1s, errors<0.1%", "kept > 90%"])
    case "gate": return one(["a", "Spring-2026_1.b"])
    case "existing", "lottery", "stop_when_sold_out", "limit_to_stock", "leave_when_sold_out":
      return one(["true", "false"])
    case "concerts", "dates": return "\(number(1...9))"
    case "seats_per_date": return "\(number(2...1_000))"
    case "good_seats", "price", "tries_max": return "\(number(1...1_000))"
    case "good_seat_price", "balance": return "\(number(0...1_000_000_000_000))"
    case "seats_per_user_max", "inside_max", "rate_count": return "\(number(0...1_000_000))"
    case "rate_interval", "session_ttl", "hold_ttl": return "\(number(1_000...60_000))ms"
    case "claim_ttl", "return_grace", "session_max": return "\(number(60_000...86_400_000))ms"
    case "ask_again_min", "ask_again_max", "opens_in": return one(["none", "\(number(1...9))s"])
    case "priority_share" where key.hasPrefix("sale"): return "\(number(0...100))%"
    case "good_seat_exponent": return one(["0", "0.001", "\(Double(number(1...10_000)) / 1_000)"])
    case "seats_each": return one(["2", "1 to 2", "1"])
    case "browse", "choose", "pay", "patience", "lost_tab_after", "reconnect_after":
      return one(["0ms", "3s to 3001ms", "1ms to 24h"])
    case "method": return "usher.v1.GateService/Check"
    case "request": return one(["{}", #"{"n": {{n}}, "s": "\"{{uuid}}"}"#])
    case "metadata": return one(["none", "a=b,c=d {{n}}"])
    default: return "\(Double(number(0...1_000_000)) / 10_000)%"
    }
  }

  /// A scenario by chance that does not contradict itself; nil where it would.
  private func scenario(by random: inout SeededRandom) throws -> Scenario? {
    let models = Scenario.Model.allCases
    var scenario = Scenario.usual(models[Int.random(in: models.indices, using: &random)])
    for key in Scenario.keys where random.happens(0.3) {
      let isForCalls = key == "callers" || key.hasPrefix("call.")
      guard scenario.model == .call || !isForCalls else { continue }
      try scenario.set(key, value(for: key, by: &random))
    }
    do throws(ScenarioFaults) {
      try scenario.check()
      return scenario
    } catch {
      return nil
    }
  }

  @Test func `What is written of a scenario reads as the same one`() throws {
    var random = SeededRandom(seed: 77)
    var read = 0
    for round in 0..<600 {
      guard let scenario = try scenario(by: &random) else { continue }
      let json = scenario.json
      do throws(ScenarioFaults) {
        let again = try Scenario(reading: Array(json.utf8), file: "x.json")
        #expect(again == scenario, "seed 77, round \(round): \(json)")
        #expect(again.json == json)
      } catch {
        Issue.record("seed 77, round \(round): \(error)\n\(json)")
      }
      read += 1
    }
    #expect(read > 200)
  }

  @Test func `Every share of a millionth is written and read as it is`() throws {
    for millionths in (0...1_000_000 as ClosedRange<UInt32>) where millionths % 997 < 20 {
      let share = try #require(Share(millionths: millionths))
      #expect(try Share(parsing: share.text) == share)
    }
    #expect(Share(millionths: 1_000_001) == nil)
    #expect(Share.percent(.max) == .all)
  }

  @Test func `Built-in scenarios contradict nothing and read as themselves`() throws {
    for scenario in Scenario.builtIn {
      try scenario.check()
      #expect(try Scenario(reading: Array(scenario.json.utf8), file: "x") == scenario)
      #expect(Scenario.usual(scenario.model) == scenario)
      #expect(try scenario.goals == scenario.goals.map { goal in try Goal(parsing: goal.text) })
      #expect(scenario.name == scenario.model.rawValue)
    }
  }

  @Test func `What is written has every key`() {
    for scenario in Scenario.builtIn {
      for key in Scenario.keys where scenario.call != nil || !key.hasPrefix("call.") {
        let name = key.split(separator: ".").last ?? ""
        #expect(scenario.json.contains("\"\(name)\": "), "\(key)")
      }
    }
  }

  @Test func `A scenario tells how long people come, and from which files`() throws {
    var scenario = Scenario.onsale
    try scenario.set("arrivals", "pause 5s, 100/s for 60s, all at once")
    #expect(scenario.arrivalsLength == .seconds(65))
    #expect(scenario.recordedFiles.isEmpty)
    try scenario.set("arrivals", "file b, file a, file b, all at once")
    #expect(scenario.arrivalsLength == nil)
    #expect(scenario.recordedFiles == ["b", "a"])
  }

  @Test func `The whole crowd of the usual rehearsal comes, each at their own moment`() {
    for seed in 0..<20 as Range<UInt64> {
      let times = Array(Scenario.onsale.schedule(seed: seed))
      #expect(times.count == 5_000)
      #expect((8_500_000_000...11_500_000_000).contains(times.last ?? 0), "seed \(seed)")
      #expect(Scenario.onsale.person(4_999, seed: seed).number == 4_999)
    }
  }

  @Test func `Forty inside are as many as twenty admissions a second keep busy`() {
    let seed: UInt64 = 4
    let sale = Scenario.onsale.sale
    let crowd = (0..<20_000).map { Scenario.onsale.person($0, seed: seed) }
    let stays = crowd.map { person -> Duration in
      // Those who ask for their turn hear of it half a second late on average.
      let late = person.watches ? Duration.zero : .milliseconds(500)
      let stay = late + person.browse + person.choose
      return person.isNoShow ? sale.claimTTL : stay + (person.lapses ? sale.holdTTL : person.pay)
    }
    let mean = stays.reduce(.zero, +) / stays.count
    let inside = mean * Double(sale.rateCount) / sale.rateInterval
    #expect((30...40).contains(inside), "seed \(seed): \(inside) inside on average")
    let sold = crowd.filter { !$0.isNoShow && !$0.lapses }.reduce(0) { $0 + $1.seatCount }
    let seconds = Double(sale.seats) / (Double(sold) / Double(crowd.count)) / Double(sale.rateCount)
    #expect((20...40).contains(seconds), "seed \(seed): sold out after \(seconds) s at the soonest")
  }

  @Test func `A key may be given by its end, and with dashes`() throws {
    var scenario = Scenario.onsale
    try scenario.set("claim-ttl", "4s")
    try scenario.set("sale.return-grace", "8s")
    #expect(scenario.sale.claimTTL == .seconds(4))
    #expect(scenario.sale.returnGrace == .seconds(8))
    try scenario.set("opens_in", "5s")
    try scenario.set("opens_in", "none")
    #expect(
      scenario
        == {
          var same = scenario; same.sale.opensIn = nil; return same
        }()
    )
  }

  @Test(arguments: [
    ("clame_ttl", "4s", #"unknown key "clame_ttl"; a similar key exists: sale.claim_ttl"#),
    ("priority_share", "4%", "may be sale.priority_share and crowd.priority_share: give the whole"),
    ("model", "poll", "model: all defaults follow from it"),
    ("", "", #"unknown key """#), (".", "", #"unknown key ".""#),
    ("watch_share", "0.1", "crowd.watch_share: \"0.1\": a share is a number of percents"),
    ("watch_share", "100.1%", "a share is from 0% to 100%"),
    ("watch_share", "0.00001%", "with four decimals at most"),
    ("watch_share", "nan%", "a share is a number of percents"),
    ("sale.priority_share", "0.5%", "a gate counts in whole percents"),
    ("people", "0", "people: \"0\": a whole number from 1 to 10,000,000 is expected"),
    ("people", "99999999999999999999", "a whole number from 1 to 10,000,000"),
    ("people", "+5", "a whole number from 1 to 10,000,000"), ("people", "", "a whole number"),
    ("seed", "-1", "a whole number from 0 to 18,446,744,073,709,551,615"),
    ("good_seat_exponent", "inf", "0, or a number from 0.001 to 10"),
    ("browse", "1s to", "LEAST to MOST"), ("browse", "", "LEAST to MOST"),
    ("browse", "1s 2s", "LEAST to MOST"), ("browse", "2s to 1s", "2s is more than 1s"),
    ("seats_each", "0 to 2", "a whole number from 1 to 50"),
    ("rate_interval", "500ms", "a time from 1s to 1h is expected"),
    ("claim_ttl", "0s", "a time from 1ms to 24h is expected"),
    ("lottery", "yes", "true or false"), ("gate", "a b", "a gate's name is"),
    ("gate", "", "a gate's name is"), ("name", "a\nb", "a line of 1 to 64 characters"),
    ("name", "a\u{1B}[31mb", "none of which steers a terminal"),
    ("arrivals", "all at once,", "is no stage of arrivals"),
    ("goals", "errors<1%,,", "a measure is expected"),
    ("method", "a/b", "call.method: this is only for model call"),
    ("metadata", "a=b", "call.metadata: this is only for model call"),
  ])
  func `What cannot be set is refused and changes nothing`(
    key: String,
    value: String,
    reason: String
  ) {
    var scenario = Scenario.onsale
    let error = #expect(throws: UsageError.self) { try scenario.set(key, value) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(scenario == .onsale)
  }

  @Test(arguments: [
    ("method", "Check", "PACKAGE.SERVICE/METHOD"), ("method", "a/b/c", "PACKAGE.SERVICE/METHOD"),
    ("metadata", "a", "NAME=VALUE"), ("metadata", "A=b", "NAME=VALUE"),
    ("metadata", "=", "NAME=VALUE"),
    ("metadata", "a=\u{e9}", "that can be printed"), ("metadata", "a={{x}}", "nothing that can be"),
    ("callers", "0", "a whole number from 1 to 100,000"),
  ])
  func `What cannot be called is refused`(key: String, value: String, reason: String) {
    var scenario = Scenario.call
    let error = #expect(throws: UsageError.self) { try scenario.set(key, value) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(scenario == .call)
  }

  @Test func `No text that anything is set to ends the program`() {
    var random = SeededRandom(seed: 3)
    let scraps = [
      "", " ", "-", "0", "1", "9223372036854775808", "1e999", "nan", "inf", "%", "/s", "ms", "s",
      "h",
      " to ", " for ", ",", "{{", "}}", "(", ")", "<", "=", "p99", "hold", "file ", "all at once",
      "steps", "\u{0}", "\u{1f3b5}", "none", ".", "_", "{", "\"",
    ]
    for _ in 0..<4_000 {
      var scenario = Scenario.builtIn[Int.random(in: 0..<4, using: &random)]
      let key = Scenario.keys[Int.random(in: Scenario.keys.indices, using: &random)]
      let text = (0..<Int.random(in: 0...5, using: &random))
        .map { _ in scraps[Int.random(in: scraps.indices, using: &random)] }.joined()
      do throws(UsageError) {
        try scenario.set(key, text)
        try scenario.set(text, "1")
      } catch {
        #expect(!error.description.isEmpty)
      }
      #expect(!scenario.json.isEmpty)
    }
  }
}
