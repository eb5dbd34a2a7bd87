import Fixtures
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
      let arena = Arena()
      let read = try bytes[4...].withUnsafeBytes {
        try PlainFrame(FrameView(unpacking: $0, in: arena))
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
    let arena = Arena()
    let kind = try body.withUnsafeBytes { try FrameView(unpacking: $0, in: arena).kind }
    #expect(kind == nil)
    let found = body.withUnsafeBytes { FrameScan.scan($0) }
    #expect(found == FrameScan.Found(kind: nil, call: 0))
  }

  @Test("A reason that is not UTF-8 is mended")
  func reason() throws {
    let body: [UInt8] = [0x08, 8, 0x4a, 3, 0x61, 0xff, 0x62]
    let arena = Arena()
    let reason = try body.withUnsafeBytes { try FrameView(unpacking: $0, in: arena).reason }
    #expect(reason == "a\u{fffd}b")
  }

  @Test("A frame's budget is four times its bytes and 64 KiB, and over it is said to be so")
  func budget() {
    #expect(FrameView.unpackingBudget(frameBytes: 0) == 64 << 10)
    #expect(FrameView.unpackingBudget(frameBytes: 1_000) == 4_000 + 64 << 10)
    let arena = Arena()
    func outcome(entries: Int) -> DecodeFailure? {
      var body = Array(PlainFrame(.open, call: 7).bytes[4...])
      for _ in 0..<entries { body += [0x2a, 0] }
      return body.withUnsafeBytes { bytes in
        do throws(DecodeFailure) {
          _ = try FrameView(unpacking: bytes, in: arena)
          return nil
        } catch {
          #expect(FrameScan.scan(bytes) == FrameScan.Found(kind: .open, call: 7))
          return error
        }
      }
    }
    #expect(outcome(entries: 500) == nil)
    #expect(outcome(entries: 20_000) == .overBudget)
    let damaged = [UInt8](repeating: 0xff, count: 20)
    #expect(throws: DecodeFailure.malformed) {
      try damaged.withUnsafeBytes { _ = try FrameView(unpacking: $0, in: arena) }
    }
  }
}

@Suite("Finding a frame's call without unpacking it") struct FrameScanTests {
  /// What protobuf-c finds, with all the memory it wants.
  private static func unpacked(_ body: [UInt8], in arena: Arena) -> FrameScan.Found? {
    body.withUnsafeBytes { bytes in
      // A frame that cannot be unpacked is what is asked about.
      guard let view = try? FrameView(unpacking: bytes, in: arena) else { return nil }
      return FrameScan.Found(kind: view.kind, call: view.call)
    }
  }

  @Test("Whatever protobuf-c unpacks is found alike, whole, cut or damaged", arguments: 0..<40)
  func agreement(seed: UInt64) throws {
    var frames = RandomFrames(seed: seed)
    let arena = Arena()
    var unpacked = 0
    for _ in 0..<20 {
      var frame = try frames.frame()
      frame.message.removeLast(frame.message.count * 9 / 10)
      let whole = Array(frame.bytes.dropFirst(4))
      for body in [whole, frames.damaged(whole), frames.damaged(whole), frames.random.bytes(30)] {
        guard let expected = Self.unpacked(body, in: arena) else {
          // Nothing to compare with; it must not trap.
          _ = body.withUnsafeBytes { FrameScan.scan($0) }
          continue
        }
        unpacked += 1
        #expect(body.withUnsafeBytes { FrameScan.scan($0) } == expected, "\(body.prefix(80))")
      }
    }
    #expect(unpacked >= 10)
  }

  @Test("Every truncation of a frame is scanned without a trap")
  func truncations() throws {
    var frames = RandomFrames(seed: 1)
    for _ in 0..<10 {
      let body = Array(try frames.frame().bytes.dropFirst(4).prefix(400))
      for length in 0...body.count {
        _ = body[..<length].withUnsafeBytes { FrameScan.scan($0) }
      }
    }
  }

  @Test("The last of several values counts, and huge lengths are not believed")
  func edges() {
    func scan(_ body: [UInt8]) -> FrameScan.Found? { body.withUnsafeBytes { FrameScan.scan($0) } }
    #expect(scan([]) == FrameScan.Found())
    #expect(scan([0x08, 1, 0x10, 5, 0x10, 6, 0x08, 2]) == FrameScan.Found(kind: .message, call: 6))
    #expect(scan([0x10, 5, 0x32] + [UInt8](repeating: 0xff, count: 9) + [0x01]) == nil)
    #expect(scan([0x10]) == nil)
    #expect(scan([0x00, 0x01]) == FrameScan.Found(), "protobuf-c takes a field of number 0")
    #expect(scan([0x0b]) == nil)
    #expect(scan([0x10] + [UInt8](repeating: 0xff, count: 11)) == nil)
  }
}
