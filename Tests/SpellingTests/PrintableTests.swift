import Spelling
import Testing

@Suite("How words and numbers are shown") struct PrintableTests {
  @Test("Whatever would steer a terminal, end a line or turn what follows is made visible")
  func printable() {
    #expect("a\u{1B}[31m\u{7}b\u{2028}c".printable == "a\u{FFFD}[31m\u{FFFD}b\u{FFFD}c")
    #expect("\u{202E}ab\u{2066}c".printable == "\u{FFFD}ab\u{FFFD}c")
    // A sign that joins letters, as some scripts have it, and an accent are words.
    #expect("e\u{301} a\u{200D}b 座席".printable == "e\u{301} a\u{200D}b 座席")
  }

  @Test("Thousands are apart, and a noun is one or many")
  func grouped() {
    #expect(
      [0, 999, 1_000, 12_480, -1_234_567].map(\.grouped) == [
        "0", "999", "1,000", "12,480", "−1,234,567",
      ]
    )
    #expect(UInt64.max.grouped == "18,446,744,073,709,551,615")
    #expect([0, 1, 2_000].map { $0.of("seat") } == ["0 seats", "1 seat", "2,000 seats"])
  }
}
