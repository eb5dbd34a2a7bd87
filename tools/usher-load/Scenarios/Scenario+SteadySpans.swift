extension Scenario {
  /// When people come at one rate that does not change: nanoseconds since the start, one span for each
  /// stage or step. What comes after a recording is left out, for only that tells when it begins.
  public var steadySpans: [Range<UInt64>] {
    var spans: [Range<UInt64>] = []
    var start: UInt64 = 0
    for stage in arrivals {
      if case .recorded = stage { break }
      for leg in stage.legs([:]) {
        let end = start + leg.nanoseconds
        if leg.isSteady { spans.append(start..<end) }
        start = end
      }
    }
    return spans
  }
}

extension ArrivalLeg {
  fileprivate var isSteady: Bool {
    switch kind {
    case .even(let curve): curve.from == curve.to && curve.from > 0
    case .chance(let rate): rate > 0
    case .burst, .replay: false
    }
  }
}
