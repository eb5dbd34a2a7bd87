/// How often each value came, exact to a share of the value that does not depend on how large it is.
///
/// Values up to `2^digitBits` have a bucket each; from there on every octave is cut into half as many
/// steps, so that a bucket is never wider than `2^(1 - digitBits)` of its values. With 11 bits that is
/// less than a thousandth: three digits. Counts are kept for the octaves that were seen alone, adding
/// takes no longer as they grow, and two histograms add up to the one that both would have made.
public struct Histogram: Sendable, Hashable {
  /// Three digits.
  public static let threeDigits = 11

  /// How many bits of a value are told apart.
  public let digitBits: Int
  /// How many values came.
  public private(set) var count: UInt64 = 0
  /// The smallest value that came, exactly; 0 where none did.
  public private(set) var min: UInt64 = 0
  /// The largest, likewise.
  public private(set) var max: UInt64 = 0
  /// By octave, then by step; an octave without values is empty.
  private var octaves: [[UInt64]] = []

  /// An empty histogram that tells so many bits of a value apart.
  public init(digitBits: Int = Histogram.threeDigits) {
    precondition((1...16).contains(digitBits), "a histogram tells 1 to 16 bits apart")
    self.digitBits = digitBits
  }

  /// Whether no value came.
  public var isEmpty: Bool { count == 0 }

  /// Counts a value, so many times.
  public mutating func add(_ value: UInt64, times: UInt64 = 1) {
    guard times > 0 else { return }
    let place = place(of: value)
    if place.octave >= octaves.count {
      octaves += Array(repeating: [], count: place.octave + 1 - octaves.count)
    }
    if octaves[place.octave].isEmpty {
      octaves[place.octave] = Array(repeating: 0, count: steps(of: place.octave))
    }
    octaves[place.octave][place.step] += times
    min = count == 0 ? value : Swift.min(min, value)
    max = Swift.max(max, value)
    count += times
  }

  /// Adds all that another counted.
  public mutating func merge(_ other: Histogram) {
    precondition(other.digitBits == digitBits, "histograms of one kind add up")
    guard other.count > 0 else { return }
    if octaves.count < other.octaves.count {
      octaves += Array(repeating: [], count: other.octaves.count - octaves.count)
    }
    for (octave, steps) in other.octaves.enumerated() where !steps.isEmpty {
      if octaves[octave].isEmpty {
        octaves[octave] = steps
      } else {
        for step in steps.indices { octaves[octave][step] += steps[step] }
      }
    }
    min = count == 0 ? other.min : Swift.min(min, other.min)
    max = Swift.max(max, other.max)
    count += other.count
  }

  /// Both together.
  public func merged(with other: Histogram) -> Histogram {
    var both = self
    both.merge(other)
    return both
  }
}

// MARK: - What it tells

extension Histogram {
  /// The value that this share of all values does not exceed, to the histogram's digits: the middle of
  /// its bucket, and never beyond the largest value that came. 0 where none did.
  public func value(atShare share: Double) -> UInt64 {
    guard count > 0 else { return 0 }
    // The value at a rank: with n values the share p is at the smallest whose rank is at least p·n.
    let rank = UInt64((Swift.min(Swift.max(share, 0), 1) * Double(count)).rounded(.up))
    guard rank > 1 else { return min }
    guard rank < count else { return max }
    var seen: UInt64 = 0
    for bucket in buckets {
      seen += bucket.count
      if seen >= rank { return Swift.min(Swift.max(bucket.middle, min), max) }
    }
    return max
  }

  /// How many values lie beyond that share: with few of them a percentile says little.
  public func beyond(share: Double) -> UInt64 {
    count - Swift.min(count, UInt64((Double(count) * share).rounded(.up)))
  }

  /// The share of values that are at most `value`, to the histogram's digits.
  public func share(atMost value: UInt64) -> Double {
    guard count > 0 else { return 0 }
    var seen: UInt64 = 0
    for bucket in buckets {
      guard bucket.middle <= value else { break }
      seen += bucket.count
    }
    return Double(seen) / Double(count)
  }

  /// Some values, and how often they came.
  public struct Bucket: Sendable, Hashable {
    /// The bucket's number, which is the same in every histogram of as many bits.
    public let number: Int
    /// The values it counts.
    public let values: ClosedRange<UInt64>
    /// How many of them came.
    public let count: UInt64

    var middle: UInt64 { values.lowerBound + (values.upperBound - values.lowerBound) / 2 }
  }

  /// The buckets with values, from the smallest on.
  public var buckets: some Sequence<Bucket> {
    octaves.enumerated().lazy.flatMap { octave, steps in
      steps.enumerated().lazy.filter { $0.element > 0 }.map { step, count in
        let number = number(octave: octave, step: step)
        return Bucket(number: number, values: values(ofBucket: number), count: count)
      }
    }
  }

  /// The values that the bucket of that number counts.
  public func values(ofBucket number: Int) -> ClosedRange<UInt64> {
    guard number >= 1 << digitBits else { return UInt64(number)...UInt64(number) }
    let half = 1 << (digitBits - 1)
    let octave = (number - half) / half
    let step = (number - half) % half
    let first = UInt64(half + step) << UInt64(octave)
    return first...(first + (1 << UInt64(octave) - 1))
  }
}

// MARK: - Buckets

extension Histogram {
  private func place(of value: UInt64) -> (octave: Int, step: Int) {
    let bits = UInt64.bitWidth - value.leadingZeroBitCount
    guard bits > digitBits else { return (0, Int(value)) }
    let shift = bits - digitBits
    return (shift, Int(value >> UInt64(shift)) - 1 << (digitBits - 1))
  }

  /// Octave 0 holds every small value; the others begin at half of what can be told apart.
  private func steps(of octave: Int) -> Int { octave == 0 ? 1 << digitBits : 1 << (digitBits - 1) }

  private func number(octave: Int, step: Int) -> Int {
    octave == 0 ? step : (1 << digitBits) + (octave - 1) << (digitBits - 1) + step
  }
}

// MARK: - On paper

extension Histogram: Codable {
  private enum Keys: String, CodingKey { case digitBits = "digit_bits", min, max, buckets }

  /// Reads what ``encode(to:)`` wrote, and refuses what no histogram writes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Keys.self)
    let bits = try values.decode(Int.self, forKey: .digitBits)
    let pairs = try values.decode([[UInt64]].self, forKey: .buckets)
    guard (1...16).contains(bits) else { throw Self.corrupt(decoder, "\(bits) bits") }
    self.init(digitBits: bits)
    let last = (1 << bits) + (UInt64.bitWidth - bits) << (bits - 1)
    for pair in pairs {
      guard pair.count == 2, pair[0] < last,
        count.addingReportingOverflow(pair[1]).overflow == false
      else { throw Self.corrupt(decoder, "bucket \(pair)") }
      add(self.values(ofBucket: Int(pair[0])).lowerBound, times: pair[1])
    }
    min = try values.decode(UInt64.self, forKey: .min)
    max = try values.decode(UInt64.self, forKey: .max)
  }

  private static func corrupt(_ decoder: any Decoder, _ what: String) -> DecodingError {
    DecodingError.dataCorrupted(
      .init(codingPath: decoder.codingPath, debugDescription: "a histogram has no \(what)")
    )
  }

  /// Writes the buckets that have values, each as its number and its count.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Keys.self)
    try values.encode(digitBits, forKey: .digitBits)
    try values.encode(min, forKey: .min)
    try values.encode(max, forKey: .max)
    try values.encode(buckets.map { [UInt64($0.number), $0.count] }, forKey: .buckets)
  }
}
