internal import Spelling
internal import UsherAPI

// What someone is told of their place.

extension Place {
  /// How it stands, in a sentence.
  var standing: String {
    switch state {
    case .waiting: waiting
    case .admitted: "your turn has come: come in before \(Moments.text(claimByMs, now: asOfMs))"
    case .active: "inside until \(Moments.text(entryExpiresMs, now: asOfMs))"
    case .done: "paid, and done"
    case .expired: "over: the time ran out"
    case .left: "over: left"
    case .missed: "the turn was missed, but the place is kept for a while"
    case .unspecified, .unrecognized: "in a state that this usher does not know"
    }
  }

  private var waiting: String {
    let range = wait.map { ", wait \($0.text(of: "you"))" } ?? ""
    let said = message.isEmpty ? "" : "; the operator says: \"\(message)\""
    return "number \(number.grouped), \(ahead.grouped) ahead\(range)\(said)"
  }

  /// Whether it can still come to anything.
  var isLiving: Bool {
    switch state {
    case .waiting, .admitted, .active, .missed: true
    case .done, .expired, .left, .unspecified, .unrecognized: false
    }
  }
}
