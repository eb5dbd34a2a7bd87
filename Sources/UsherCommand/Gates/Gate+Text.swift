internal import Spelling
internal import UsherAPI

// A gate as people read it.

extension Gate {
  /// How it stands, in words: OPEN, QUEUEING.
  var standing: String {
    switch mode {
    case .announced: return "ANNOUNCED"
    case .paused: return "PAUSED"
    case .drained: return waiting + inside > 0 ? "DRAINING" : "DRAINED"
    case .open:
      if let stock, stock.known, stock.free + stock.held == 0, stock.sold > 0 { return "SOLD OUT" }
      return waiting > 0 ? "OPEN, QUEUEING" : "OPEN"
    case .unspecified, .unrecognized: return "in a mode that this usher does not know"
    }
  }

  var inside: UInt64 { active + admittedUnclaimed }

  /// Its name and how it stands, and the server's time where that is known.
  func headline(at now: Int64?) -> String {
    let time = now.map { "\(Moments.text($0, now: $0)), server time · " } ?? ""
    return "\(name) · \(standing) · \(time)revision \(revision)"
  }

  /// All that there is to say of it, as of `now` by the server's clock.
  func description(at now: Int64) -> [String] {
    var facts: [(String, String)] = [("policy", policyText)]
    if mode == .announced { facts.append(("opens", Moments.text(opensMs, now: now))) }
    facts.append(("line", lineText(at: now)))
    facts.append(("binds", rateReason))
    facts.append(("wait", wait?.text(of: "a new arrival") ?? "not known"))
    facts.append(("over", overText))
    if let stock, stock.known { facts.append(("stock", stock.text)) }
    if !message.isEmpty { facts.append(("says", "\"\(message)\"")) }
    if lottery { facts.append(("draw", drawText)) }
    facts.append(("changed", changedText(at: now)))
    return [headline(at: now)]
      + facts.map { name, text in
        ("  " + name.padded(to: 9) + text).printable
      }
  }

  private var policyText: String {
    guard let policy else { return "not told" }
    var parts = [
      policy.insideMax == 0 ? "any number inside" : "\(policy.insideMax.grouped) inside",
      policy.rateCount == 0
        ? "any rate" : "\(policy.rateCount.grouped) per \(Moments.flag(policy.rateIntervalMs))",
      "claim \(Moments.flag(policy.claimTTLMs))",
      "session \(Moments.flag(policy.sessionTTLMs)), \(Moments.flag(policy.sessionMaxMs)) at most",
      "return grace \(Moments.flag(policy.returnGraceMs))",
    ]
    if policy.adaptive != nil {
      parts.append("rate follows the load \(GateSetting.adaptive(policy))")
    }
    if policy.stopWhenSoldOut { parts.append("stops when sold out") }
    if policy.limitToStock { parts.append("limited to stock") }
    if policy.prioritySharePercent > 0 {
      parts.append("priority \(policy.prioritySharePercent)%")
    }
    return parts.joined(separator: " · ")
  }

  private func lineText(at now: Int64) -> String {
    let since = openedMs == 0 ? "" : " since \(Moments.text(openedMs, now: now))"
    return "\(waiting.grouped) waiting · \(inside.grouped) inside "
      + "(\(admittedUnclaimed.grouped) not yet claimed) · \(admittedTotal.grouped) admitted\(since)"
  }

  private var overText: String {
    "\(doneTotal.grouped) bought · \(expiredTotal.grouped) ran out of time · "
      + "\(leftTotal.grouped) left · \(missedTotal.grouped) missed a turn"
  }

  private var drawText: String {
    let commitment = "commitment \(lotteryCommitment.hex)"
    return lotterySeed.isEmpty ? commitment : commitment + " · seed \(lotterySeed.hex)"
  }

  private func changedText(at now: Int64) -> String {
    let who = changedBy.isEmpty ? "" : " by \(changedBy)"
    let why = changedReason.isEmpty ? "no reason given" : "\"\(changedReason)\""
    let isShut = mode == .paused || mode == .drained
    let back = isShut ? "   back: usher gate resume \(name)" : ""
    return "\(Moments.text(changedMs, now: now))\(who): \(why)\(back)"
  }
}

extension Wait {
  /// The whole honest range, and why it is long.
  func text(of whom: String) -> String {
    let why = reason.text.map { ": \($0)" } ?? ""
    guard highMs > 0 || likelyMs > 0 else {
      return reason == .unspecified ? "none for \(whom)" : "not known for \(whom)\(why)"
    }
    return "\(Moments.span(Int64(likelyMs))) for \(whom) "
      + "(\(Moments.span(Int64(lowMs))) to \(Moments.span(Int64(highMs))))\(why)"
  }
}

extension WaitReason {
  /// In words; nil where there is nothing to explain.
  var text: String? {
    switch self {
    case .unspecified: nil
    case .notOpenYet: "it is not open yet"
    case .paused: "it is paused"
    case .rateLowered: "the rate was lowered"
    case .soldOut: "it is sold out; it goes on if holds lapse"
    case .peopleStay: "people stay long"
    case .unrecognized(let number): "reason \(number)"
    }
  }
}

extension Stock {
  /// The seats behind a gate.
  var text: String {
    "\(free.grouped) free · \(held.grouped) held · \(sold.grouped) sold · "
      + "\((UInt64(free) + UInt64(held) + UInt64(sold)).grouped) in all"
  }
}

extension String {
  /// With blanks behind it, so that what follows stands in a column.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(1, width - count))
  }
}

extension [UInt8] {
  /// Two digits a byte.
  var hex: String {
    map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
