import Arguments
import Scenarios
import Testing

@Suite struct ScenarioReadingTests {
  private func read(_ json: String) throws(ScenarioFaults) -> Scenario {
    try Scenario(reading: Array(json.utf8), file: "sale.json")
  }

  private func faults(_ json: String) -> [String] {
    do throws(ScenarioFaults) {
      _ = try read(json)
      return []
    } catch {
      return error.errors.map(\.description)
    }
  }

  @Test func `What a file does not say is as in the built-in scenario of its model`() throws {
    for model in Scenario.Model.allCases {
      #expect(try read(#"{"model": "\#(model.rawValue)"}"#) == Scenario.usual(model))
    }
  }

  @Test func `A file sets what it says`() throws {
    let scenario = try read(
      """
      {
        "model": "onsale", "name": "spring", "seed": 18446744073709551615, "people": 1000,
        "arrivals": ["ramp 0/s to 100/s for 10s", "all at once"],
        "time_limit": "10m", "goals": ["p99(hold)<50ms", "sold=1200"],
        "sale": {"dates": 24, "claim_ttl": "5s", "opens_in": "20s", "lottery": true,
          "priority_share": "20%"},
        "crowd": {"watch_share": "12.5%", "browse": "1s to 2s", "pay": "500ms",
          "seats_each": 2, "good_seat_exponent": 1.25}
      }
      """
    )
    var wanted = Scenario.onsale
    wanted.name = "spring"
    wanted.seed = .max
    wanted.people = 1_000
    wanted.arrivals = [.ramp(from: 0, to: 100, for: .seconds(10)), .atOnce(nil)]
    wanted.timeLimit = .seconds(600)
    wanted.goals = [try Goal(parsing: "p99(hold)<50ms"), try Goal(parsing: "sold=1200")]
    wanted.sale.dates = 24
    wanted.sale.claimTTL = .seconds(5)
    wanted.sale.opensIn = .seconds(20)
    wanted.sale.lottery = true
    wanted.sale.priorityShare = .percent(20)
    wanted.crowd.watchShare = try Share(parsing: "12.5%")
    wanted.crowd.browse = .seconds(1)...(.seconds(2))
    wanted.crowd.pay = .milliseconds(500)...(.milliseconds(500))
    wanted.crowd.seatsEach = 2...2
    wanted.crowd.goodSeatExponent = 1.25
    #expect(scenario == wanted)
  }

  @Test func `A list may be one text, and a run of calls has arrivals instead of callers`() throws {
    let scenario = try read(
      """
      {"model": "call", "arrivals": "10/s for 5s, 20/s for 5s", "goals": " errors<1% ,rate>9/s",
        "call": {"request": "{\\"n\\": {{n}}}", "metadata": ["usher-user={{user}}"]}}
      """
    )
    #expect(scenario.arrivals.count == 2)
    #expect(scenario.callers == nil)
    #expect(scenario.goals.map(\.text) == ["errors<1%", "rate>9/s"])
    #expect(scenario.call?.metadata == [.init(name: "usher-user", value: "{{user}}")])
    #expect(try read(#"{"model": "call", "callers": 9}"#).arrivals.isEmpty)
  }

  @Test func `Who are more come in the same time where nobody says how they come`() throws {
    let scenario = try read(#"{"model": "onsale", "people": 50000}"#)
    #expect(scenario.arrivals == [.poisson(perSecond: 5_000, for: .seconds(10))])
    var set = Scenario.onsale
    try set.set("people", "50000")
    #expect(set == scenario)
    try set.set("arrivals", "500/s for 100s")
    try set.set("people", "40000")
    #expect(set.arrivals == [.constant(perSecond: 500, for: .seconds(100))])
  }

  @Test func `All that is wrong is told at once, in order, each with its place`() {
    let found = faults(
      """
      {
        "model": "onsale",
        "peple": 10,
        "name": 5,
        "arrivals": ["100/s for 60s", "poison 5/s for 1s", 7],
        "sale": {
          "clame_ttl": "3s",
          "watch_share": "3%",
          "dates": "12",
          "hold_ttl": "25h",
          "dates": 3
        },
        "crowd": {"no_show_share": 0.1, "patience": "5s to 3s", "tries_max": 0},
        "goals": ["p99(hld)<1s"],
        "call": {"method": "a/b"},
        "time_limit": "10"
      }
      """
    )
    let wanted = [
      "sale.json:3:3: peple: there is no such key; a similar key exists: people",
      "sale.json:4:11: name: expected a text in quotes",
      "sale.json:5:33: arrivals[1]: \"poison 5/s for 1s\" is no stage of arrivals; a similar one "
        + "begins with poisson",
      "sale.json:5:54: arrivals[2]: a text is expected: \"...\"",
      "sale.json:7:5: sale.clame_ttl: there is no such key; a similar key exists: sale.claim_ttl",
      "sale.json:8:5: sale.watch_share: there is no such key; a similar key exists: "
        + "crowd.watch_share",
      "sale.json:9:14: sale.dates: expected a number without quotes",
      "sale.json:10:17: sale.hold_ttl: 25h: a time from 1ms to 24h is expected",
      "sale.json:11:5: sale.dates: was set before, on line 9",
      "sale.json:13:30: crowd.no_show_share: expected a text in quotes",
      "sale.json:13:47: crowd.patience: 5s is more than 3s",
      "sale.json:13:72: crowd.tries_max: \"0\": a whole number from 1 to 1,000 is expected",
      "sale.json:14:13: goals[0]: \"p99(hld)<1s\", column 5: there is no step \"hld\"; a similar "
        + "one exists: hold",
      "sale.json:15:22: call.method: this is only for model call",
      "sale.json:16:17: time_limit: 10: a duration is a number with its unit: 250ms, 30s, 5m, 1h",
    ]
    #expect(found.count == wanted.count)
    for (fault, wanted) in zip(found, wanted) { #expect(fault == wanted) }
  }

  @Test(arguments: [
    (
      #""sale": {"ask_again_max": "10s", "claim_ttl": "3s", "return_grace": "6s"}"#,
      "sale.json:2:10: sale.ask_again_max: claim_ttl 3s + return_grace 6s = 9s is less than 1.5 x "
        + "ask_again_max 10s = 15s"
    ),
    (#""time_limit": "10s", "warm_up": "10s", "arrivals": "all at once""#, "10s of 10s"),
    (#""arrivals": "500/s for 4m""#, "the stages last 4m, and the run ends after 3m"),
    (
      #""people": 7000, "arrivals": ["100/s for 60s", "999 at once"]"#,
      "arrivals: the stages bring 6,999, which is fewer than people 7,000: let more come, such as "
        + "the rest at the end with \"all at once\""
    ),
    (#""callers": 5"#, "callers: this is only for model call"),
    (
      #""people": 80, "arrivals": []"#,
      "arrivals: nobody comes, for no stage says when: give one, such as \"100/s for 60s\" or "
        + "\"all at once\""
    ),
    (#""sale": {"ask_again_min": "2s", "ask_again_max": "1s"}"#, "ask_again_min 2s is more than"),
    (
      #""sale": {"session_ttl": "2m"}"#,
      "sale.session_ttl: session_max 90s is less than session_ttl 2m"
    ),
    (#""sale": {"lottery": true}"#, "sale.lottery: lots are drawn among those who come before"),
    (#""sale": {"opens_in": "3m"}"#, "the gate opens after 3m, and the run ends after 3m"),
    (#""sale": {"concert": ""}"#, "a concert that is made for the run has a name"),
    (
      #""sale": {"concerts": 100, "dates": 10000, "seats_per_date": 1000000}"#,
      "100 concerts x 10,000 dates x 1,000,000 seats = 1,000,000,000,000, and at most 10,000,000"
    ),
    (#""sale": {"good_seats": 51}"#, "sale.good_seats: 51 of 50 seats of a date"),
    (#""crowd": {"seats_each": "1 to 50"}, "sale": {"seats_per_date": 49}"#, "50 seats for one"),
    (#""sale": {"seats_per_user_max": 1}"#, "of whom seats_per_user_max allows 1"),
    (#""goals": ["sold>=601"]"#, "goals: sold>=601: there are 600 seats"),
    (
      #""crowd": {"double_submit_same_key_share": "60%", "double_submit_new_key_share": "41%"}"#,
      "60% pay twice under the same key and 41% under another"
    ),
    (
      #""sale": {"balance": 19999}"#,
      "sale.balance: 19,999 does not pay 2 seats at 10,000 = 20,000"
    ),
  ])
  func `What contradicts itself is refused with the numbers`(members: String, reason: String) {
    let found = faults("{\"model\": \"onsale\",\n\(members)}")
    #expect(found.count == 1)
    #expect(found.first?.contains(reason) == true, "\(found)")
  }

  @Test func `What just goes together is taken, and the least more is refused`() throws {
    func sale(_ members: String) -> String { "{\"model\": \"onsale\", \(members)}" }
    // 3 s and 6 s, one and a half times 6 s.
    _ = try read(sale(#""sale": {"ask_again_max": "6s"}"#))
    #expect(faults(sale(#""sale": {"ask_again_max": "6001ms"}"#)).count == 1)
    _ = try read(sale(#""sale": {"session_max": "1m"}"#))
    #expect(faults(sale(#""sale": {"session_max": "59999ms"}"#)).count == 1)
    _ = try read(sale(#""people": 6000, "arrivals": ["0.1/s for 60s", "5994 at once"]"#))
    #expect(
      faults(sale(#""people": 6001, "arrivals": ["0.1/s for 60s", "5994 at once"]"#)).count == 1
    )
    _ = try read(sale(#""arrivals": "500/s for 3m""#))
    #expect(faults(sale(#""arrivals": "500/s for 180001ms""#)).count == 1)
    _ = try read(sale(#""sale": {"balance": 20000}"#))
    _ = try read(sale(#""goals": "sold=600""#))
    _ = try read(sale(#""warm_up": "179999ms""#))
  }

  @Test func `A contradiction waits until what it is made of is right`() {
    let sale = #"{"claim_ttl": "x", "return_grace": "1s", "ask_again_max": "10s"}"#
    let found = faults(#"{"model": "onsale", "sale": \#(sale)}"#)
    #expect(found.count == 1)
    #expect(found.first?.contains("sale.claim_ttl: x: a duration is") == true)
  }

  @Test func `A damaged file is read or refused, and never ends the program`() {
    var random = SeededRandom(seed: 11)
    let whole = Scenario.builtIn.map { Array($0.json.utf8) }
    for _ in 0..<400 {
      var bytes = whole[Int.random(in: whole.indices, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        default:
          bytes.insert(Array("{}[]\",:0-e.\\".utf8).randomElement(using: &random) ?? 0, at: place)
        }
      }
      do throws(ScenarioFaults) {
        let scenario = try Scenario(reading: bytes, file: "x")
        #expect(throws: Never.self) { try scenario.check() }
      } catch {
        #expect(!error.errors.isEmpty)
        #expect(error.errors.allSatisfy { $0.description.hasPrefix("x:") })
      }
    }
  }

  @Test func `Gates and seats that are there already are not judged`() throws {
    let sale = #"{"existing": true, "concert": "", "balance": 0, "session_ttl": "2h"}"#
    #expect(try read(#"{"model": "onsale", "sale": \#(sale)}"#).sale.existing)
  }

  @Test func `Callers and arrivals together are refused in a file`() {
    let found = faults(#"{"model": "call", "callers": 5, "arrivals": ["10/s for 5s"]}"#)
    #expect(found.count == 1)
    #expect(found.first?.contains("it is one or the other") == true)
  }

  @Test(arguments: [
    ("", "sale.json:1:1: a value is expected, and nothing is there"),
    ("[]", "sale.json:1:1: a scenario is an object"),
    ("\n 5", "sale.json:2:2: a scenario is an object"),
    ("{}", "sale.json:1:1: model: is missing: one of onsale, poll, call, soak"),
    (
      #"{"model": "onsael"}"#,
      "sale.json:1:11: model: is one of onsale, poll, call, soak; a similar one exists: onsale"
    ),
    (#"{"model": 5}"#, "sale.json:1:11: model: is one of"),
    ("{\"model\":\n \"onsale\",}", "sale.json:2:11: expected a key"),
    (#"{"model": "onsale"} {}"#, "sale.json:1:21: nothing may follow"),
    (String(repeating: "[", count: 5_000), "sale.json:1:9: more than 8 values are nested"),
  ])
  func `What is no scenario at all is refused where it stops being one`(
    json: String,
    reason: String
  ) {
    let found = faults(json)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix(reason) == true, "\(found)")
  }

  @Test func `Of very many faults the first are told`() {
    let stages = Array(repeating: "1", count: 100_000).joined(separator: ",")
    let found = faults("{\"model\": \"onsale\", \"arrivals\": [\(stages)]}")
    #expect(found.count == 101)
    #expect(found.last == "sale.json: and 99,900 more like these")
    #expect(faults(String(repeating: " ", count: Scenario.fileBytesMax + 1)).count == 1)
  }

  @Test func `Places are right behind strings that hold anything`() {
    let found = faults(
      "{\"model\": \"onsale\", \"name\": \"\u{e9}\\\"{[,:\\\\\", \"x\": [1e5, \"]\"]}"
    )
    #expect(found == ["sale.json:1:42: x: there is no such key"])
  }
}
