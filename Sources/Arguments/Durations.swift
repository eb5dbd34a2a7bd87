extension Duration {
  /// Reads `250ms`, `30s`, `5m` or `1h`.
  public init(parsing text: String) throws(UsageError) {
    let units: [(suffix: String, milliseconds: Int64)] = [
      ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]
    for unit in units where text.hasSuffix(unit.suffix) {
      guard let count = Int64(text.dropLast(unit.suffix.count)), count >= 0,
        count <= Int64.max / 1_000_000 / unit.milliseconds
      else { break }
      self = .milliseconds(count * unit.milliseconds)
      return
    }
    throw UsageError(
      "\(text): a duration is a number with its unit: 250ms, 30s, 5m, 1h",
      hint: UInt32(text).map { "for seconds, \($0)s." }
    )
  }

  /// The duration as ``init(parsing:)`` reads it, in the largest unit that says all of it.
  public var shortText: String {
    let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    for (suffix, size) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1_000)]
    where milliseconds > 0 && milliseconds % size == 0 {
      return "\(milliseconds / size)\(suffix)"
    }
    return "\(milliseconds)ms"
  }
}
