internal import Domain

/// Rows of any table with values at the ends of what columns can hold, made from the table's shape
/// alone, so that a new table is tested without a word.
enum SampleRows {
  /// Rows of one table whose keys all differ.
  ///
  /// The table's own reading says which values it takes: where it refuses one, the column gets the
  /// next.
  static func make<Element: StoredRow>(_ type: Element.Type = Element.self) -> [Element] {
    var rows: [Element] = []
    var keys: Set<[ColumnValue]> = []
    for number in 0..<24 {
      guard let row = make(number, type) else { continue }
      if keys.insert(Element.columnValues(of: row.key)).inserted { rows.append(row) }
    }
    return rows
  }

  private static func make<Element: StoredRow>(_ number: Int, _ type: Element.Type) -> Element? {
    var choices = Element.shape.columns.indices.map { number + $0 }
    // Every refusal moves one column on, and no column has more than a handful of values.
    for _ in 0..<200 {
      var reader = SampleReader(shape: Element.shape, choices: choices)
      do throws(DamagedRow) {
        return try Element(from: &reader)
      } catch {
        choices[reader.next - 1] += 1
      }
    }
    return nil
  }
}

/// Gives every column the value that was chosen for it.
private struct SampleReader: ColumnReader {
  let shape: TableShape
  let choices: [Int]
  private(set) var next = 0

  init(shape: TableShape, choices: [Int]) {
    self.shape = shape
    self.choices = choices
  }

  private mutating func choose<Value>(_ values: [Value]) -> Value {
    defer { next += 1 }
    return values[choices[next] % values.count]
  }

  mutating func integer() throws(DamagedRow) -> Int64 {
    choose([.min, .max, -1, 0, 1, 2, 3, Int64(UInt32.max), Int64(UInt32.max) + 1])
  }

  mutating func id<Of>() throws(DamagedRow) -> ID<Of> {
    choose([
      ID(high: .max, low: .max), ID(high: 1 << 63, low: 1), ID(high: 0, low: 1 << 63),
      ID(high: 0x0123_4567_89AB_7CDE, low: 0x8000_FF00_0000_0A0D), ID(high: 0, low: 0),
      ID(high: .max >> 1, low: 0), ID(high: 7, low: .max),
    ])
  }

  mutating func text() throws(DamagedRow) -> String {
    // Keys are short: some databases limit them.
    choose(next < shape.keyCount ? Self.keys : Self.texts)
  }

  private static let keys = manyTexts(longest: 60)
  private static let texts = manyTexts(longest: 65_536)

  private static func manyTexts(longest: Int) -> [String] {
    [
      "", "spring-2", String(repeating: "x", count: longest), "autumn", "Z9.x", "a_1", "Bj\u{F6}rk",
      "Bjo\u{308}rk",
      "\u{1F3BB}\u{10FFFF}",
      "'\"\\;--\n\t%_{}NULL",
    ]
  }

  mutating func bytes() throws(DamagedRow) -> [UInt8] {
    choose(Self.manyBytes)
  }

  private static let manyBytes: [[UInt8]] = [
    [], [0], (0..<65_536).map { UInt8(truncatingIfNeeded: $0) },
    [0, 0, 0, 1] + [UInt8](repeating: 0, count: 8),
    // As long as prices get: rising numbers, four bytes, each with eight more.
    (1...5_461).flatMap { number in
      [0, 0, UInt8(number >> 8), UInt8(number & 255)] + [UInt8](repeating: 0x80, count: 8)
    },
    [0xFF, 0, 0x80] + [UInt8](repeating: 0, count: 13),
    // As long as a receipt key's secret.
    (0..<32).map { ~$0 },
  ]
}
