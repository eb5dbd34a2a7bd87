internal import Measuring
internal import UsherAPI

/// What the server said of itself, window by window: the worst that it said in each.
struct ServerSample: Mergeable, Codable {
  /// Whether it said anything.
  private(set) var wasHeard = false
  var commitP50Us: UInt64 = 0
  var commitP99Us: UInt64 = 0
  var batchMost: UInt64 = 0
  var queued: UInt64 = 0
  var memoryBytes: UInt64 = 0
  var lagMs: UInt64 = 0

  init() {}

  init(_ stats: StatsResponse) {
    wasHeard = true
    commitP50Us = UInt64(stats.commitUsP50)
    commitP99Us = UInt64(stats.commitUsP99)
    batchMost = UInt64(stats.batchSizeMax)
    queued = UInt64(stats.queueInside) + UInt64(stats.queueDoor)
    memoryBytes = stats.memoryBytes
    lagMs = UInt64(stats.boardLagMs)
  }

  mutating func merge(_ other: ServerSample) {
    wasHeard = wasHeard || other.wasHeard
    commitP50Us = max(commitP50Us, other.commitP50Us)
    commitP99Us = max(commitP99Us, other.commitP99Us)
    batchMost = max(batchMost, other.batchMost)
    queued = max(queued, other.queued)
    memoryBytes = max(memoryBytes, other.memoryBytes)
    lagMs = max(lagMs, other.lagMs)
  }
}
