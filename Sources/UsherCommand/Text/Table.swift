internal import Spelling

/// Rows of a list: in columns with a head for eyes, with tabs for pipes.
struct Table {
  let head: [String]
  var rows: [[String]] = []

  init(_ head: String...) { self.head = head }

  /// Adds a row, whose cells may be a server's words.
  mutating func add(_ cells: String...) { rows.append(cells.map(\.printable)) }

  /// What is printed.
  func lines(toTerminal: Bool) -> [String] {
    guard toTerminal else { return rows.map { $0.joined(separator: "\t") } }
    let all = [head] + rows
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      let line = cells.joined(separator: "  ")
      return String(line.prefix(line.count - line.reversed().prefix { $0 == " " }.count))
    }
  }
}
