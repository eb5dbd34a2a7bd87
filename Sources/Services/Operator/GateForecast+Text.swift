internal import Ledger

extension GateForecast {
  /// What an operator reads before a change.
  var text: String {
    var sentences: [String] = []
    if let before {
      sentences.append(
        "now \(before.limit.text), and someone who came now would wait \(before.waitText)"
      )
    } else {
      sentences.append("the gate would be new")
    }
    sentences.append("then \(after.limit.text), and they would wait \(after.waitText)")
    let count = after.admittedAtOnce
    sentences.append(count == 0 ? "nobody would come in at once" : "\(count) would come in at once")
    sentences.append("\(movedPlaces) places would move")
    return sentences.joined(separator: "; ")
  }
}

extension GateForecast.State {
  fileprivate var waitText: String {
    guard let wait = wait.milliseconds else { return "for as long as this lasts" }
    return "\(wait.low / 1_000) to \(wait.high / 1_000) s"
  }
}
