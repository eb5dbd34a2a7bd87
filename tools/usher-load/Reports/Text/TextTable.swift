/// Rows in columns: the first to the left, as words are, the others to the right, as numbers are.
struct TextTable {
  let head: [String]
  var rows: [[String]] = []
  /// How many columns are words, from the first on.
  var wordColumns = 1
  /// What stands left of every line.
  var indent = "  "

  /// The lines, the head first; none where there are no rows.
  var lines: [String] {
    guard !rows.isEmpty else { return [] }
    let widths = self.widths
    return ([head] + rows).map { row in
      let cells = zip(row.indices, row).map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column < wordColumns ? cell + space : space + cell
      }
      return (indent + cells.joined(separator: "  ")).trimmedRight
    }
  }

  /// How many characters the widest line has.
  var width: Int { indent.count + widths.reduce(0, +) + 2 * (head.count - 1) }

  private var widths: [Int] {
    head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
  }
}

extension String {
  /// Without the spaces at its end.
  var trimmedRight: String { String(prefix(count - reversed().prefix { $0 == " " }.count)) }

  /// The words in lines of at most `width` characters; those after the first are set in by `indent`.
  func wrapped(to width: Int, indent: String = "") -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ") {
      if line.isEmpty {
        line = (lines.isEmpty ? "" : indent) + word
      } else if line.count + 1 + word.count <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = indent + word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
