internal import Measuring
internal import RPCCore
internal import Threads
internal import UsherAPI

/// What the server says of itself while the crowd is there, and when it said nothing.
final class Observation: Sendable {
  private struct State {
    var samples = Windows<ServerSample>()
    var marks: [Results.Mark] = []
    var isSilent = false

    mutating func mark(_ moment: UInt64, _ text: String) {
      guard marks.count < Results.marksMax else { return }
      marks.append(Results.Mark(moment: moment, text: text))
    }
  }

  private static let interval = Duration.seconds(1)
  private static let patience = Duration.seconds(3)

  private let loop: any Loop
  private let start: Moment
  private let state = Guarded(State())

  init(on loop: any Loop, start: Moment) {
    self.loop = loop
    self.start = start
  }

  var samples: Windows<ServerSample> { state.withLock { $0.samples } }
  var marks: [Results.Mark] { state.withLock { $0.marks } }

  /// Asks once a second, until it is cancelled.
  func ask(_ desk: Desk) async {
    while await loop.sleep(for: Self.interval) {
      do {
        var options = try desk.asOperator()
        options.timeout = Self.patience
        let stats = try await desk.operators.stats(StatsRequest(), options: options)
        heard(stats)
      } catch {
        // Also when it is cancelled: then nobody looks at the mark.
        heardNothing("\(error)")
      }
    }
  }

  private var now: UInt64 { UInt64(max(0, (loop.clockNow - start).wholeNanoseconds)) }

  private func heard(_ stats: StatsResponse) {
    let moment = now
    state.withLock { state in
      state.samples.count(at: moment) { $0.merge(ServerSample(stats)) }
      if state.isSilent { state.mark(moment, "the server answers again") }
      state.isSilent = false
    }
  }

  private func heardNothing(_ why: String) {
    let moment = now
    state.withLock { state in
      if !state.isSilent { state.mark(moment, "the server does not answer: \(why)") }
      state.isSilent = true
    }
  }
}
