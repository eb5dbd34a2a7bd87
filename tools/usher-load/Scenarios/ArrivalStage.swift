/// How people come for a while. What comes after begins where this ends.
public enum ArrivalStage: Sendable, Hashable {
  /// So many in one moment; nil: all who have not come yet.
  case atOnce(Int?)
  /// Evenly.
  case constant(perSecond: Double, for: Duration)
  /// By chance, each on their own: the time to the next does not depend on the last. As the last stage
  /// it goes on until all have come, since chance brings a few more or fewer in its time.
  case poisson(perSecond: Double, for: Duration)
  /// At a rate that grows, or falls, all the time.
  case ramp(from: Double, to: Double, for: Duration)
  /// At so many rates one after the other, each for as long.
  case steps(from: Double, to: Double, count: Int, for: Duration)
  /// As a file has it.
  case recorded(path: String)
  /// Nobody.
  case pause(Duration)
}
