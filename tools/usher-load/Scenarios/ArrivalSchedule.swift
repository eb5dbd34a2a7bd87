/// When each person comes: nanoseconds since the start, never going back, made one at a time.
///
/// The order is the people's numbers. Whoever shares them out among workers gives each the numbers that
/// are its own by their remainder, so that a person is the same one however many workers there are.
public struct ArrivalSchedule: Sequence, Sendable {
  private let stages: [ArrivalStage]
  private let people: Int
  private let seed: UInt64
  private let recordings: [String: RecordedArrivals]

  /// At most so many people, as the stages have them come. A recording that is not given is empty.
  public init(
    stages: [ArrivalStage],
    people: Int,
    seed: UInt64,
    recordings: [String: RecordedArrivals] = [:]
  ) {
    self.stages = stages
    self.people = people
    self.seed = seed
    self.recordings = recordings
  }

  public func makeIterator() -> Iterator { Iterator() }

  public struct Iterator: IteratorProtocol, Sendable {
    public mutating func next() -> UInt64? { nil }
  }
}

/// Arrivals as they were recorded: nanoseconds since the first moment that counts, in order.
public struct RecordedArrivals: Sendable, Hashable {
  public let times: [UInt64]
}
