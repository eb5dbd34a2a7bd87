import TestSupport
import Testing
import Wire

@Suite("Frames in a stream of bytes") struct FrameSplitterTests {
  /// What one splitter made of some bytes.
  private struct Outcome: Equatable {
    var frames: [[UInt8]] = []
    var rest: [UInt8] = []
    var fault: FrameFault?
  }

  /// Hands `bytes` to a splitter in chunks of `size`, until there is a fault.
  private static func split(
    _ bytes: [UInt8],
    size: Int = .max,
    max: Int = 1 << 20,
    stopAfter: Int = .max
  ) -> Outcome {
    var splitter = FrameSplitter(frameBytesMax: max)
    var outcome = Outcome()
    var left = bytes[...]
    while !left.isEmpty, outcome.fault == nil {
      let chunk = Array(left.prefix(size))
      left = left.dropFirst(chunk.count)
      feed(chunk, to: &splitter, &outcome, stopAfter: stopAfter)
    }
    return outcome
  }

  private static func feed(
    _ chunk: [UInt8],
    to splitter: inout FrameSplitter,
    _ outcome: inout Outcome,
    stopAfter: Int = .max
  ) {
    chunk.withUnsafeBytes { bytes in
      do throws(FrameFault) {
        let rest = try splitter.split(bytes) { frame in
          outcome.frames.append(Array(frame))
          return outcome.frames.count < stopAfter
        }
        outcome.rest = Array(rest)
      } catch {
        outcome.fault = error
      }
    }
  }

  private static func framed(_ bodies: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for body in bodies {
      withUnsafeBytes(of: UInt32(body.count).bigEndian) { bytes += $0 }
      bytes += body
    }
    return bytes
  }

  @Test("Frames come out whole and in order, however their bytes are cut", arguments: 0..<20)
  func cuts(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let bodies = (0..<30).map { _ in
      random.bytes(random.isOne(in: 4) ? 0 : random.draw(from: 0..<400))
    }
    let bytes = Self.framed(bodies)
    for size in [1, 2, 3, 7, random.draw(from: 4..<900), .max] {
      #expect(Self.split(bytes, size: size) == Outcome(frames: bodies))
    }
  }

  @Test(
    "A frame at the limit passes, and one above it is refused by its length alone",
    arguments: [1, 2, 3, 7, .max]
  )
  func limit(size: Int) {
    let below = [UInt8](repeating: 1, count: 299)
    let at = [UInt8](repeating: 2, count: 300)
    #expect(Self.split(Self.framed([below, at]), size: size, max: 300).frames == [below, at])
    let above = Self.split(Self.framed([below]) + [0, 0, 1, 45], size: size, max: 300)
    #expect(above == Outcome(frames: [below], rest: above.rest, fault: .tooLarge(bytes: 301)))
    #expect(
      Self.split([0, 0xff, 0xff, 0xff], size: size).fault == .tooLarge(bytes: (16 << 20) - 1)
    )
  }

  @Test(
    "A first byte other than 0 is told at once, wherever the frame begins",
    arguments: [1, 2, 3, 7, .max]
  )
  func notAFrame(size: Int) {
    for first in [UInt8(1), 0x16, 0x50, 0xff] {
      #expect(Self.split([first], size: size).fault == .notAFrame)
      let behind = Self.split(Self.framed([[5]]) + [first], size: size)
      #expect(behind.frames == [[5]])
      #expect(behind.fault == .notAFrame)
    }
  }

  @Test(
    "A body that wants no more is handed none, and the rest is given back",
    arguments: [1, 2, 3, 7, 64, .max]
  )
  func pause(size: Int) {
    let bodies = (0..<5).map { [UInt8](repeating: UInt8($0), count: 11) }
    let bytes = Self.framed(bodies)
    for stop in 1...5 {
      var splitter = FrameSplitter(frameBytesMax: 100)
      var outcome = Outcome()
      var left = bytes[...]
      while outcome.frames.count < stop {
        let chunk = Array(left.prefix(size))
        left = left.dropFirst(chunk.count)
        Self.feed(chunk, to: &splitter, &outcome, stopAfter: stop)
      }
      #expect(outcome.frames == Array(bodies.prefix(stop)))
      #expect(outcome.rest + left == bytes.dropFirst(stop * 15))
      #expect(splitter.isMidFrame == false)
      var others = Outcome()
      Self.feed(outcome.rest + left, to: &splitter, &others)
      #expect(others == Outcome(frames: Array(bodies.dropFirst(stop))))
    }
  }

  @Test("A splitter knows whether it is in the middle of a frame, and how many it has seen")
  func midFrame() {
    var splitter = FrameSplitter(frameBytesMax: 100)
    var outcome = Outcome()
    #expect(splitter.isMidFrame == false)
    let bytes = Self.framed([[7, 7], []])
    for (index, byte) in bytes.enumerated() {
      Self.feed([byte], to: &splitter, &outcome)
      #expect(splitter.isMidFrame == ![5, 9].contains(index))
      #expect(splitter.frameCount == (index < 5 ? 0 : index < 9 ? 1 : 2))
    }
  }
}
