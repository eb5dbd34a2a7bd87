/// What a sale at a gate is judged by.
package enum GateRule: Int, CaseIterable, Sendable {
  /// A ticket goes from state to state as the rules have it, and the log says each step once.
  case steps
  /// Never more inside than may be, whenever anyone is admitted.
  case inside
  /// Never more admissions in any interval than may be, and each has its own number.
  case rate
  /// Within a lane nobody is admitted before someone who stands ahead.
  case order
  /// Lanes are merged by the share of the priority lane.
  case share
  /// Draws are by the seed that was promised, over all who came.
  case lottery
  /// Nobody is admitted where nothing is left, where the policy says so.
  case stock
  /// Nobody waits while there is a place that the policy allows.
  case idle
  /// Who came has a ticket, one, in one state; the store has what the log says.
  case lost
  /// Tickets and holds live exactly as long as the policy and the holds say.
  case lifetimes
  /// Seats are held by those inside, once, and given back by those who go.
  case holds
  /// What is kept of a line is what there is to count.
  case counters
  /// What boards show is so, whether they followed the log or were read from the store.
  case boards
  /// What someone asked for rightly was done.
  case answers
}

/// A rule that was broken, and how.
package struct Breach: Sendable, Hashable, CustomStringConvertible {
  package let rule: GateRule
  package let text: String

  package var description: String { "\(rule): \(text)" }
}
