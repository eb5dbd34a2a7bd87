import Foundation
import Measuring
import Reports

/// A whole on-sale as a run's record, made up from a seed: 5,000 people want 600 seats, 40 may be
/// inside, 20 a second are let in, and at 30 s the server stands still for 0.4 s.
struct OnSale {
  static let people = 5_000
  static let seats = 600
  static let insideLimit = 40
  static let rateLimit = 20
  static let arrivingMs = 60_000
  static let stall = 30_000..<30_400
  static let stepNames = ["enter", "claim", "seats", "hold", "pay", "release"]

  /// The record of a sale. With a factor every call takes so many times as long.
  static func record(seed: UInt64 = 42, slower: Double = 1) -> RunRecord {
    var sale = OnSale(seed: seed, slower: slower)
    sale.run()
    return sale.record()
  }

  /// What someone does next, at some millisecond.
  enum Act {
    case claim(Person), look(Person), hold(Person), pay(Person, seat: Int), go(Person, String)
  }

  struct Person {
    var number: Int
    var enteredMs: Int
    var admittedMs = 0
    var tries = 0
  }

  struct Window {
    var planned: UInt64 = 0
    var lateUs: UInt64 = 0
    var waiting: UInt64 = 0
    var inside: UInt64 = 0
    var insideMost: UInt64 = 0
    var admitted: UInt64 = 0
    var admittedMost: UInt64 = 0
    var left: UInt64 = 0
    var missed: UInt64 = 0
    var held: UInt64 = 0
    var sold: UInt64 = 0
    var steps: [String: Histogram] = [:]
    var failed: [String: UInt64] = [:]
    var answers: [String: UInt64] = [:]
  }

  var draw: Draw
  let slower: Double
  var acts: [Int: [Act]] = [:]
  var line: [Person] = []
  var head = 0
  var inside = 0
  var admissions: [Int] = []
  var order: [[UInt64]] = []
  var seats: [SeatRecord] = (0..<OnSale.seats).map {
    SeatRecord(date: 0, number: UInt32($0 + 1))
  }
  var holders: [Int: Int] = [:]
  var sold = 0
  var windows: [Window] = []
  var steps = OnSale.stepNames.map {
    StepRecord(name: $0, method: "usher.v1.TicketService/\($0.capitalized)")
  }
  var generator = GeneratorRecord()
  var told = PeopleRecord()
  var reached = [0, 0, 0, 0, 0]
  var ends: [String: UInt64] = [:]

  init(seed: UInt64, slower: Double) {
    draw = Draw(state: seed)
    self.slower = slower
  }
}

/// SplitMix64, so that the same sale is made each time.
struct Draw: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// A share from 0 to below 1.
  mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func happens(_ share: Double) -> Bool { self.share() < share }

  mutating func whole(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}
