import Testing
import Wire

@Suite struct ByteBufferTests {
  @Test("What is appended is read back in order, whatever was consumed in between")
  func appendsAndConsumes() {
    var buffer = ByteBuffer()
    var expected: [UInt8] = []
    for round in 0..<200 {
      let chunk = (0..<(round * 7 % 300)).map { UInt8(truncatingIfNeeded: $0 &+ round) }
      buffer.append(chunk)
      expected += chunk
      let taken = min(expected.count, round * 5 % 260)
      buffer.consume(taken)
      expected.removeFirst(taken)
      #expect(buffer.withBytes { Array($0) } == expected)
    }
  }

  @Test("Truncating takes back exactly what was appended since")
  func truncates() {
    var buffer = ByteBuffer(capacity: 4)
    buffer.append([1, 2, 3])
    let held = buffer.count
    buffer.append([4, 5, 6, 7, 8])
    buffer.truncate(to: held)
    #expect(buffer.withBytes { Array($0) } == [1, 2, 3])
  }
}
