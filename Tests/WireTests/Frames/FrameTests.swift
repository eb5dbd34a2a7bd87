import Fixtures
import FuzzTargets
import TestSupport
import Testing
@testable import Wire

/// Random frames and bytes.
struct RandomFrames {
  var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private static let kinds: [FrameKind] = [
    .open, .message, .close, .cancel, .credit, .ping, .pong, .goAway, .end, .settings,
  ]

  /// A number of any length on the wire.
  mutating func number() -> UInt64 { random.next() >> random.draw(from: 0..<64) }

  mutating func number32() -> UInt32 {
    random.isOne(in: 3) ? 0 : UInt32(truncatingIfNeeded: number())
  }

  mutating func text(_ length: Int) -> String {
    String((0..<length).map { _ in "abc-é∑😀".randomElement(using: &random) ?? "x" })
  }

  mutating func metadata() throws -> Metadata {
    var metadata = Metadata()
    for index in 0..<random.draw(from: 0...5) {
      if random.isOne(in: 2) {
        try metadata.add("key\(index)-bin", random.bytes(random.draw(from: 0..<300)))
      } else {
        try metadata.add("key\(index)", String(repeating: "~", count: random.draw(from: 0..<200)))
      }
    }
    return metadata
  }

  /// A frame in which anything may be set.
  mutating func frame() throws -> PlainFrame {
    var frame = PlainFrame(Self.kinds.randomElement(using: &random) ?? .open, call: number32())
    frame.method = random.isOne(in: 2) ? "" : text(random.draw(from: 0..<200))
    frame.timeoutMs = number32()
    frame.metadata = random.isOne(in: 2) ? Metadata() : try metadata()
    frame.message = random.isOne(in: 3) ? [] : random.bytes(random.draw(from: 0..<20_000))
    frame.isLast = random.isOne(in: 2)
    frame.status = StatusCode(rawValue: number32())
    frame.reason = random.isOne(in: 2) ? "" : text(random.draw(from: 0..<200))
    frame.credit = number32()
    frame.nonce = random.isOne(in: 3) ? 0 : number()
    if random.isOne(in: 3) {
      frame.settings = Settings(
        frameBytesMax: number32(),
        openCallsMax: number32(),
        pingIntervalMsMin: number32()
      )
    }
    return frame
  }

  /// A frame's body with a few bytes changed, cut off or put in.
  mutating func damaged(_ body: [UInt8]) -> [UInt8] {
    var body = body
    for _ in 0..<random.draw(from: 1...4) where !body.isEmpty {
      let at = random.draw(from: 0..<body.count)
      switch random.draw(from: 0..<4) {
      case 0: body[at] = UInt8(truncatingIfNeeded: random.next())
      case 1: body[at] ^= 1 << UInt8(random.draw(from: 0..<8))
      case 2: body.removeSubrange(at...)
      default: body.insert(contentsOf: random.bytes(random.draw(from: 1...12)), at: at)
      }
    }
    return body
  }
}

@Suite("Frames on the wire") struct FrameTests {
  /// The number of each field of a message, in the order of the bytes.
  private static func fieldNumbers(_ body: [UInt8]) -> [UInt64] {
    var numbers: [UInt64] = []
    var rest = body[...]
    func varint() -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7f) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      return value
    }
    while !rest.isEmpty {
      let tag = varint()
      numbers.append(tag >> 3)
      let number = varint()
      if tag & 7 == 2 { rest = rest.dropFirst(Int(number)) }
    }
    return numbers
  }

  @Test(
    "What is written by hand is what protobuf-c reads, field by field and in order",
    arguments: 0..<60
  )
  func agreement(seed: UInt64) throws {
    var frames = RandomFrames(seed: seed)
    for _ in 0..<5 {
      let frame = try frames.frame()
      let bytes = frame.bytes
      let length = Int(bytes[0]) << 24 | Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3])
      #expect(length == bytes.count - 4)
      let read = try bytes[4...].withUnsafeBytes {
        try PlainFrame(FrameView(reading: $0))
      }
      #expect(read == frame)
      let numbers = Self.fieldNumbers(Array(bytes[4...]))
      #expect(numbers == numbers.sorted())
    }
  }

  @Test("A message that is encoded in its place is the message that was encoded before")
  func inPlace() throws {
    let leaf = Leaf(name: String(repeating: "x", count: 300), weight: 9)
    let arena = Arena()
    let frame = OutgoingFrame(.close, call: 70_000)
    var before = ByteBuffer()
    var inPlace = ByteBuffer()
    var short = ByteBuffer()
    leaf.encoded().withUnsafeBytes { before.append(frame, message: $0) }
    #expect(inPlace.append(frame, encoding: leaf, using: arena) == leaf.encoded().count)
    short.appendClose(call: 70_000, packing: leaf.makePackable(in: arena))
    let expected = before.withBytes { Array($0) }
    #expect(inPlace.withBytes { Array($0) } == expected)
    #expect(short.withBytes { Array($0) } == expected)
  }

  @Test("Empty fields are left out: the smallest frames are a few bytes")
  func smallest() {
    #expect(PlainFrame(.end, call: 1).bytes == [0, 0, 0, 4, 0x08, 9, 0x10, 1])
    #expect(PlainFrame.ping(0).bytes == [0, 0, 0, 2, 0x08, 6])
    #expect(PlainFrame(.settings).bytes == [0, 0, 0, 2, 0x08, 10])
  }

  @Test(
    "A kind that is not known is none, whatever its number",
    arguments: [0, 11, 99, 1 << 31, .max] as [UInt64]
  )
  func unknownKind(number: UInt64) throws {
    var body: [UInt8] = [0x08]
    var left = number
    while left >= 0x80 {
      body.append(UInt8(left & 0x7f) | 0x80)
      left >>= 7
    }
    body.append(UInt8(left))
    let kind = try body.withUnsafeBytes { try FrameView(reading: $0).kind }
    #expect(kind == nil)
  }

  @Test("A reason that is not UTF-8 is mended")
  func reason() throws {
    let body: [UInt8] = [0x08, 8, 0x4a, 3, 0x61, 0xff, 0x62]
    let reason = try body.withUnsafeBytes { try FrameView(reading: $0).reason }
    #expect(reason == "a\u{fffd}b")
  }

  @Test("The message in a frame may cost four times the frame's bytes and 64 KiB")
  func budget() {
    #expect(FrameView.unpackingBudget(frameBytes: 0) == 64 << 10)
    #expect(FrameView.unpackingBudget(frameBytes: 1_000) == 4_000 + 64 << 10)
  }
}

@Suite("What a frame is read as") struct FrameReadingTests {
  private static func read(_ body: [UInt8]) -> FrameOracle? {
    body.withUnsafeBytes { bytes in
      // A frame that is refused is none to compare.
      (try? FrameView(reading: bytes)).map { FrameOracle($0) }
    }
  }

  @Test("What protobuf-c reads too is the same: whole, cut, damaged or twice", arguments: 0..<40)
  func agreement(seed: UInt64) throws {
    var frames = RandomFrames(seed: seed)
    var compared = 0
    for _ in 0..<20 {
      var frame = try frames.frame()
      frame.message.removeLast(frame.message.count * 9 / 10)
      let whole = Array(frame.bytes.dropFirst(4))
      let other = Array(try frames.frame().bytes.dropFirst(4))
      #expect(Self.read(whole) != nil)
      for body in [
        whole, whole + other, frames.damaged(whole), frames.damaged(whole + other),
        frames.random.bytes(30),
      ] {
        let expected = body.withUnsafeBytes { FrameOracle(unpacking: $0) }
        guard let expected, let read = Self.read(body) else { continue }
        compared += 1
        #expect(read == expected, "\(body.prefix(80))")
      }
    }
    #expect(compared >= 40)
  }

  @Test("Every truncation of a frame is read or refused without a trap")
  func truncations() throws {
    var frames = RandomFrames(seed: 1)
    for _ in 0..<10 {
      let body = Array(try frames.frame().bytes.dropFirst(4).prefix(400))
      for length in 0...body.count { _ = Self.read(Array(body[..<length])) }
    }
  }

  @Test(
    "Fields of another type, groups, cut varints and lengths beyond the end are refused",
    arguments: [
      [0x0a, 0], [0x10], [0x18, 1], [0x25, 0, 0, 0, 0], [0x28, 1], [0x30, 1], [0x3a, 0],
      [0x62, 2, 0x0a, 0], [0x2a, 2, 0x08, 1], [0x2a, 2, 0x12, 1], [0x0b], [0x32, 3, 1, 2],
      [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
      [0x32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    ] as [[UInt8]]
  )
  func refused(body: [UInt8]) {
    #expect(throws: DecodeFailure.malformed) {
      try body.withUnsafeBytes { _ = try FrameView(reading: $0) }
    }
  }

  @Test("Of a million entries of metadata nothing is kept but that they are too many")
  func manyEntries() throws {
    let body = Array(repeatElement([0x2a, 0] as [UInt8], count: 1 << 20).joined())
    try body.withUnsafeBytes { bytes in
      let view = try FrameView(reading: bytes)
      #expect(throws: MetadataFault.tooManyEntries) { try view.metadata() }
    }
  }
}
