/// Holds what happened to people against what they were told.
///
/// Whatever happened to one of the crowd was told them, or is the doing of a call whose answer they
/// never got: of each such call one thing, and of one that was refused nothing that had happened by
/// then. All else was done twice under one key, or done and refused.
struct Untold {
  /// What can happen to someone, by the step that asks for it.
  private struct Kind: Hashable {
    let user: String
    let step: Deed.Step
  }

  private let users: Set<String>
  /// After which offsets those calls can have done something, by what they were to do.
  private var unanswered: [Kind: [UInt64]]
  private var untold: [Kind: Int] = [:]
  private var count: UInt64 = 0
  private var broken: UInt64 = 0
  private var cases: [Judgement.Case] = []

  init(_ facts: Facts) {
    users = Set(facts.entered.map(\.user) + facts.unanswered.map(\.user))
    unanswered = Dictionary(grouping: facts.unanswered) { Kind(user: $0.user, step: $0.step) }
      .mapValues { $0.map(\.after) }
  }

  /// `what` happened to someone, told them or not.
  mutating func happened(
    _ what: String,
    to user: String,
    by step: Deed.Step,
    isTold: Bool,
    at offset: UInt64
  ) {
    guard users.contains(user) else { return }
    count += 1
    guard !isTold else { return }
    let kind = Kind(user: user, step: step)
    untold[kind, default: 0] += 1
    let calls = unanswered[kind, default: []].count { $0 < offset }
    guard untold[kind, default: 0] > calls else { return }
    broken += 1
    guard cases.count < Judgement.casesMax else { return }
    let sentence = "\(user) was never told of \(what), and has no call open that may have made it"
    cases.append(Judgement.Case(sentence: sentence, offset: offset))
  }

  var judgement: Judgement {
    Judgement(.changesUntold, facts: count, broken: broken, cases: cases)
  }
}
