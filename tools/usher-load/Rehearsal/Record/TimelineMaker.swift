internal import Measuring
internal import Reports

/// Puts what was seen window by window on one axis of time.
struct TimelineMaker {
  private static let heatDigitBits = 4

  private let rehearsed: Rehearsed

  init(_ rehearsed: Rehearsed) { self.rehearsed = rehearsed }

  private var results: Results { rehearsed.results }

  var timeline: Timeline {
    // Whatever ran longest has the longest windows, and all others follow.
    let lengths =
      results.steps.values.map(\.windows.nanoseconds) + [
        results.punctuality.windows.nanoseconds, rehearsed.samples.nanoseconds,
        rehearsed.sold?.log.windows.nanoseconds ?? 0,
      ]
    let length = lengths.max() ?? 1_000_000_000
    let count = Int(rehearsed.seconds * 1e9 / Double(length)) + 1
    var timeline = Timeline()
    timeline.windowMs = Int64(length / 1_000_000)
    timeline.windows = count
    addArrivals(to: &timeline, length, count)
    if let sold = rehearsed.sold { add(sold, to: &timeline, length, count) }
    addServer(to: &timeline, length, count)
    for measure in results.steps.values { add(measure, to: &timeline, length, count) }
    return timeline
  }

  private func cells<Cell>(
    _ windows: Windows<Cell>,
    _ length: UInt64,
    _ count: Int
  ) -> [Cell] {
    var windows = windows
    windows.lengthen(to: length)
    let cells = windows.cells.prefix(count)
    return cells + Array(repeating: Cell(), count: count - cells.count)
  }

  private func addArrivals(to timeline: inout Timeline, _ length: UInt64, _ count: Int) {
    let cells = cells(results.punctuality.windows, length, count)
    timeline.planned = cells.map(\.planned)
    timeline.arrived = cells.map(\.begun)
    timeline.lateMaxUs = cells.map { $0.lateMost / 1_000 }
  }

  private func add(
    _ sold: Rehearsed.Sold,
    to timeline: inout Timeline,
    _ length: UInt64,
    _ count: Int
  ) {
    let cells = cells(sold.log.windows, length, count)
    let policy = sold.sale.policy
    timeline.waiting = carried(cells, \.waiting)
    timeline.inside = carried(cells, \.inside)
    // Where nothing happened, as many were inside as before.
    timeline.insideMost = zip(cells, timeline.inside).map { max($0.insideMost, $1) }
    timeline.insideLimit = UInt64(policy.insideMax)
    timeline.admitted = cells.map(\.admitted)
    timeline.admittedMost = cells.map(\.admittedMost)
    timeline.rateLimit = UInt64(policy.rateCount)
    timeline.rateIntervalMs = Int64(policy.rateIntervalMs)
    timeline.left = cells.map(\.left)
    timeline.missed = cells.map(\.missed)
    timeline.seatsHeld = carried(cells, \.held)
    timeline.seatsSold = carried(cells, \.sold)
    let seats = sold.log.seatsTotal
    timeline.seatsFree = zip(timeline.seatsHeld, timeline.seatsSold).map { held, sold in
      seats - min(seats, held + sold)
    }
  }

  /// What was so at each window's end, also where nothing changed it.
  private func carried(
    _ cells: [SaleLog.Window],
    _ value: (SaleLog.Window) -> UInt64?
  ) -> [UInt64] {
    var last: UInt64 = 0
    return cells.map { cell in
      last = value(cell) ?? last
      return last
    }
  }

  private func addServer(to timeline: inout Timeline, _ length: UInt64, _ count: Int) {
    guard !rehearsed.samples.cells.isEmpty else { return }
    let cells = cells(rehearsed.samples, length, count)
    func heard(_ value: (ServerSample) -> UInt64) -> [UInt64?] {
      cells.map { $0.wasHeard ? value($0) : nil }
    }
    timeline.server.commitP50Us = heard(\.commitP50Us)
    timeline.server.commitP99Us = heard(\.commitP99Us)
    timeline.server.batchMost = heard(\.batchMost)
    timeline.server.queued = heard(\.queued)
    timeline.server.memoryBytes = heard(\.memoryBytes)
    timeline.server.lagMs = heard(\.lagMs)
  }

  private func add(
    _ measure: StepMeasure,
    to timeline: inout Timeline,
    _ length: UInt64,
    _ count: Int
  ) {
    let cells = cells(measure.windows, length, count)
    var step = StepTimeline()
    step.heatDigitBits = Self.heatDigitBits
    for (index, cell) in cells.enumerated() {
      step.count.append(cell.response.count)
      step.p50Us.append(cell.response.value(atShare: 0.5) / 1_000)
      step.p99Us.append(cell.response.value(atShare: 0.99) / 1_000)
      step.maxUs.append(cell.response.max / 1_000)
      step.failed.append(cell.failed)
      var heat = Histogram(digitBits: Self.heatDigitBits)
      for bucket in cell.response.buckets {
        heat.add(bucket.values.lowerBound, times: bucket.count)
      }
      step.heat.append(heat.buckets.map { [UInt64($0.number), $0.count] })
      note(cell, at: index, of: count, in: &timeline)
    }
    timeline.steps[measure.name] = step
  }

  private func note(
    _ cell: StepMeasure.Window,
    at index: Int,
    of count: Int,
    in timeline: inout Timeline
  ) {
    let empty = Array(repeating: UInt64(0), count: count)
    if cell.response.count > 0 {
      timeline.answers["OK", default: empty][index] += cell.response.count
    }
    for (name, times) in cell.failures {
      timeline.answers[name, default: empty][index] += times
    }
  }
}
