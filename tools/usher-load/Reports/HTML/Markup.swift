internal import Spelling

/// Pieces of HTML, whose words are a run's and are not trusted.
enum Markup {
  /// A page whose `{{name}}` are filled in, each once: what is filled in is not looked through.
  static func fill(_ template: String, _ parts: [String: String]) -> String {
    let pieces = template.split(separator: "{{", omittingEmptySubsequences: false)
    return pieces.dropFirst().reduce(into: String(pieces[0])) { page, piece in
      guard let end = piece.firstRange(of: "}}") else {
        preconditionFailure("a name in the page's template does not end")
      }
      let name = String(piece[..<end.lowerBound])
      guard let part = parts[name] else {
        preconditionFailure("nothing is known of \(name) in the page's template")
      }
      page += part + piece[end.upperBound...]
    }
  }

  /// JSON inside a script element: no value of it can end the element, or begin another.
  static func script(_ json: String) -> String {
    json.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e")
      .replacing("&", with: "\\u0026").replacing("\u{2028}", with: "\\u2028")
      .replacing("\u{2029}", with: "\\u2029")
  }

  /// A table in a box that scrolls where the page is narrow.
  ///
  /// - Parameters:
  ///   - note: What is said below the caption.
  ///   - words: How many columns are words, from the first on; the others are numbers.
  ///   - stacks: Whether a row is told from top to bottom where the page is narrow, with the columns'
  ///     heads before the cells.
  ///   - rows: Cells that are escaped already.
  static func table(
    _ caption: String,
    note: String = "",
    head: [String],
    words: Int = 1,
    stacks: Bool = false,
    rows: [[String]],
    empty: String
  ) -> String {
    guard !rows.isEmpty else {
      return "<p class=\"empty\"><strong>\(caption.escaped)</strong> \(empty.escaped)</p>\n"
    }
    let heads = head.enumerated().map { column, cell in
      "<th scope=\"col\"\(column < words ? "" : " class=\"number\"")>\(cell.escaped)</th>"
    }
    func label(_ column: Int) -> String {
      stacks ? " data-head=\"\(head[column].escaped)\"" : ""
    }
    let lines = rows.map { row in
      "<tr>"
        + row.enumerated().map { column, cell in
          column == 0
            ? "<th scope=\"row\">\(cell)</th>"
            : "<td\(column < words ? "" : " class=\"number\"")\(label(column))>\(cell)</td>"
        }.joined() + "</tr>"
    }
    let style = stacks ? " class=\"stacks\"" : ""
    let below = note.isEmpty ? "" : "<small>\(note.escaped)</small>"
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(caption.escaped)"><table\(style)>
      <caption>\(caption.escaped)\(below)</caption>
      <thead><tr>\(heads.joined())</tr></thead>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody></table></div>

      """
  }

  /// Names and values, both escaped here.
  static func list(_ lines: [(name: String, value: String)]) -> String {
    "<dl class=\"facts\">"
      + lines.map { "<div><dt>\($0.name.escaped)</dt><dd>\($0.value.escaped)</dd></div>" }
      .joined(separator: "\n") + "</dl>"
  }
}

extension String {
  /// As text of a page, or as the value of an attribute in quotes.
  var escaped: String {
    printable.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
      .replacing("'", with: "&#39;")
  }
}
