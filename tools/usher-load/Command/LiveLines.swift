internal import Foundation
internal import Measuring
internal import Rehearsal
internal import Scenarios
internal import Spelling
internal import UsherCommand

/// A glance in words.
struct LiveLines {
  private static let barWidth = 30

  private let glance: Glance
  private let before: Glance?
  private let scenario: Scenario
  private let seed: UInt64
  /// Which keys can be pressed.
  private let keys: String

  init(_ glance: Glance, before: Glance?, _ scenario: Scenario, seed: UInt64, keys: String) {
    self.glance = glance
    self.before = before
    self.scenario = scenario
    self.seed = seed
    self.keys = keys
  }

  private var results: Results { glance.results }
  /// Of people those who came, of calls those that were begun.
  private var came: UInt64 { glance.sale == nil ? begun : results.counts[.came] }
  private var done: UInt64 { glance.sale == nil ? calls : results.counts.done }
  private var begun: UInt64 { results.punctuality.begun }
  private var calls: UInt64 { results.steps["call"]?.countSeen ?? 0 }
  /// How many are to come; nil where callers call until time is over.
  private var people: UInt64? { scenario.callers == nil ? UInt64(scenario.expected) : nil }

  /// All of it, for a terminal.
  var all: [String] {
    [heading] + crowd + (glance.sale.map(line) ?? []) + steps + (glance.sale.map(seats) ?? [])
      + [keys]
  }

  /// The most of it, in one line.
  var one: String {
    guard let sale = glance.sale else {
      let p99 = milliseconds(results.steps["call"]?.response.value(atShare: 0.99) ?? 0)
      return
        "\(clock(glance.seconds))  \(calls) calls\(people.map { " of \($0)" } ?? "") · p99 \(p99)"
    }
    return
      "\(clock(glance.seconds))  came \(came) of \(scenario.expected) · \(sale.waiting) waiting · "
      + "\(sale.inside) inside · \(sale.admitted) let in · \(sale.sold) of \(sale.seats) sold · "
      + "audit \(audit(sale))"
  }

  /// When the server was silent and when it answered again, but for the first so many, a line each.
  func silences(after told: Int) -> [String] {
    (glance.sale?.silences ?? []).dropFirst(told)
      .map { "\(clock(Double($0.moment) / 1e9))  \($0.sentence)" }
  }

  private var heading: String {
    let what = scenario.call.map(\.method) ?? "rehearsal \"\(scenario.name)\""
    let who =
      scenario.callers.map { "\($0.grouped) callers" }
      ?? "\(scenario.expected.grouped) \(glance.sale == nil ? "calls" : "people")"
    return "\(what) · seed \(seed) · \(who)   \(clock(glance.seconds)) of at most "
      + clock(scenario.timeLimit / .seconds(1))
  }

  /// How far they are who come by a plan, and how punctual. Where nobody does there is no end to see.
  private var crowd: [String] {
    guard let people else {
      return ["calls   \(calls.grouped) answered   generator \(processor) cpu"]
    }
    return [
      "\(glance.sale == nil ? "calls " : "people")  \(bar(of: people))  done \(done.grouped)"
        + " · active \((came - min(came, done)).grouped)"
        + " · to come \((people - min(people, came)).grouped)",
      "arrive  plan \(results.punctuality.planned.grouped)  came \(came.grouped)"
        + "  late p99 \(milliseconds(results.punctuality.lateness.value(atShare: 0.99)))"
        + "  generator \(processor) cpu",
    ]
  }

  private func line(_ sale: Glance.Sale) -> [String] {
    [
      "line    \(sale.waiting.grouped) waiting  \(sale.inside.grouped) inside\(limit)"
        + "  \(sale.admitted.grouped) let in (\(rate(\.admitted))/s)"
    ]
  }

  private func seats(_ sale: Glance.Sale) -> [String] {
    let free = sale.seats - min(sale.seats, sale.held + sale.sold)
    return [
      "seats   \(free.grouped) free · \(sale.held.grouped) held · \(sale.sold.grouped) sold",
      "audit   \(audit(sale))",
    ]
      + (sale.silences.last.map { ["server  \(clock(Double($0.moment) / 1e9)) \($0.sentence)"] }
        ?? [])
  }

  private func bar(of people: UInt64) -> String {
    func width(_ count: UInt64) -> Int {
      Int(Double(min(count, people)) / Double(max(people, 1)) * Double(Self.barWidth))
    }
    let (doneWidth, cameWidth) = (width(done), width(came))
    let marks = (0..<Self.barWidth).map { place -> Character in
      place < doneWidth ? "#" : place < cameWidth ? "|" : " "
    }
    return "[\(String(marks))]"
  }

  private var limit: String {
    scenario.sale.insideMax > 0 ? " of \(scenario.sale.insideMax.grouped)" : ""
  }

  private var processor: String {
    guard glance.seconds > 0 else { return "0%" }
    let share = Double(results.health.processorNanoseconds) / 1e9 / glance.seconds
    return "\(Int((share * 100).rounded()))%"
  }

  private var steps: [String] {
    ["enter", "hold", "pay", "call"].compactMap { name in
      guard let step = results.steps[name] else { return nil }
      let response = step.response
      let past = before?.results.steps[name]?.count ?? 0
      let perSecond = Double(step.count - min(step.count, past)) / interval
      let refused = step.failures.sorted { $0.value.count > $1.value.count }.prefix(3)
        .map { "\($0.key) \($0.value.count.grouped)" }.joined(separator: ", ")
      return name.padding(toLength: 8, withPad: " ", startingAt: 0)
        + "\(Int(perSecond.rounded()))/s  p50 \(milliseconds(response.value(atShare: 0.5)))"
        + "  p99 \(milliseconds(response.value(atShare: 0.99)))"
        + "  max \(milliseconds(response.max))"
        + (refused.isEmpty ? "" : "  refused: \(refused)")
    }
  }

  private func audit(_ sale: Glance.Sale) -> String {
    guard let first = sale.judgements.first(where: { !$0.isKept }) else {
      return "\(sale.judgements.count) promises ok so far, the others at the end"
    }
    return "BROKEN: \(first.promise)"
  }

  private var interval: Double { max(0.1, glance.seconds - (before?.seconds ?? 0)) }

  private func rate(_ value: (Glance.Sale) -> UInt64) -> Int {
    let now = glance.sale.map(value) ?? 0
    let past = before?.sale.map(value) ?? 0
    return Int((Double(now - min(now, past)) / interval).rounded())
  }

  private func milliseconds(_ nanoseconds: UInt64) -> String {
    let tenths = (nanoseconds + 50_000) / 100_000
    return tenths >= 1_000 ? "\(tenths / 10) ms" : "\(tenths / 10).\(tenths % 10) ms"
  }

  private func clock(_ seconds: Double) -> String {
    let whole = Int(max(0, min(seconds, 1e9)))
    let parts = [whole / 60, whole % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
    return parts.joined(separator: ":")
  }
}
