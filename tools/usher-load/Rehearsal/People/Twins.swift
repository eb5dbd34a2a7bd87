internal import RPCCore
internal import UsherAPI

/// Two payments of the same that are under way at once, under one key or two, and what came of them.
struct Twins {
  let keys: [String]
  private(set) var paid: [PayResponse] = []
  private(set) var failures: [RPCFailure] = []
  /// The keys under which it may have been paid though nobody said so.
  private var unanswered: [String] = []

  init(under keys: [String]) { self.keys = keys }

  /// Whether both have ended.
  var areOver: Bool { paid.count + failures.count == keys.count }

  mutating func ended(_ key: String, _ result: Result<PayResponse, RPCFailure>) {
    switch result {
    case .success(let answer): paid.append(answer)
    case .failure(let failure):
      failures.append(failure)
      if Answers.isPassing(failure), !unanswered.contains(key) { unanswered.append(key) }
    }
  }

  /// A key to ask about, as long as nobody said that it was paid: under each it may have been.
  mutating func takeUnanswered() -> String? {
    paid.isEmpty && !unanswered.isEmpty ? unanswered.removeFirst() : nil
  }

  /// Counts in `trial` what the two answers say of keys, where they say anything.
  func judge(for user: String, in trial: inout Facts.Trial) {
    let payments = Set(paid.map { $0.payment?.id ?? "nothing" }).sorted()
    guard let first = payments.first else { return }
    let refusal = failures.first(where: Answers.isRefusal).map(Answers.name)
    if keys[0] != keys[1] {
      trial.tried(paid.count < 2 ? nil : "\(user) paid for the same twice: \(payments)")
    } else if payments.count > 1 {
      trial.tried("one key was answered with \(payments.joined(separator: " and "))")
    } else if let refusal {
      trial.tried("one key was answered with \(first) and with \(refusal)")
    } else if failures.isEmpty {
      trial.tried(nil)
    }
  }
}
