internal import Arguments
internal import Reflection
internal import Spelling

extension Scenario {
  /// The most bytes that a file may have.
  public static let fileBytesMax = 4 << 20

  /// Reads a scenario from a file's JSON: what it does not say is as in the built-in scenario of its
  /// model. All that is wrong with it is told at once.
  public init(reading json: [UInt8], file: String) throws(ScenarioFaults) {
    var reader = ScenarioReader(file: file)
    guard let scenario = reader.read(json) else {
      throw ScenarioFaults(errors: reader.faultsInOrder)
    }
    self = scenario
  }

  /// Refuses what contradicts itself, each with the sum and the key that it shows at.
  public func check() throws(ScenarioFaults) {
    let errors = contradictions().map { UsageError("\($0.key): \($0.reason)") }
    guard errors.isEmpty else { throw ScenarioFaults(errors: errors) }
  }

}

/// Reads a file, and gathers what is wrong with it.
private struct ScenarioReader {
  let file: String
  private var faults: [(position: TextPosition, error: UsageError)] = []
  /// Where each key stands that was met, and which of them have a fault of their own.
  private var places: [String: TextPosition] = [:]
  private var faulty: Set<String> = []

  private static let faultsMax = 100

  init(file: String) { self.file = file }

  /// The first of them, as they stand in the file.
  var faultsInOrder: [UsageError] {
    let sorted = faults.sorted {
      ($0.position.line, $0.position.column) < ($1.position.line, $1.position.column)
    }.map(\.error)
    guard sorted.count > Self.faultsMax else { return sorted }
    let more = (sorted.count - Self.faultsMax).grouped
    return sorted.prefix(Self.faultsMax) + [UsageError("\(file): and \(more) more like these")]
  }

  /// The scenario; nil where there are faults.
  mutating func read(_ json: [UInt8]) -> Scenario? {
    guard json.count <= Scenario.fileBytesMax else {
      add("a scenario has at most \(Scenario.fileBytesMax.grouped) bytes", at: .first)
      return nil
    }
    let tree: JSONTree
    do throws(JSONFault) {
      tree = try JSONTree(json)
    } catch {
      add(error.reason, at: error.position)
      return nil
    }
    guard case .object(let members) = tree.content else {
      add("a scenario is an object: {...}", at: tree.position)
      return nil
    }
    guard var scenario = base(members, at: tree.position) else { return nil }
    read(members, of: nil, into: &scenario)
    refuseBothKinds(members)
    if places["people"] != nil, places["arrivals"] == nil, scenario.callers == nil {
      scenario.arrivals = Scenario.usualArrivals(of: scenario.model, people: scenario.people)
    }
    for contradiction in scenario.contradictions()
    where faulty.isDisjoint(with: contradiction.keys) {
      // Told where the last of the things stands that do not go together.
      let known = contradiction.keys.compactMap { key in places[key].map { (key, $0) } }
      let (key, place) = known.last ?? (contradiction.key, .first)
      add("\(key): \(contradiction.reason)", at: place)
    }
    return faults.isEmpty ? scenario : nil
  }

  /// What the file's model is by default. Without a model nothing else can be judged.
  private mutating func base(
    _ members: [JSONTree.Member],
    at position: TextPosition
  ) -> Scenario? {
    let names = Scenario.Model.allCases.map(\.rawValue)
    guard let member = members.first(where: { $0.key == "model" }) else {
      add("model: is missing: one of \(names.joined(separator: ", "))", at: position)
      return nil
    }
    guard case .text(let name) = member.value.content,
      let model = Scenario.Model(rawValue: name)
    else {
      var similar = ""
      if case .text(let name) = member.value.content {
        similar =
          nearest(to: String(name.prefix(20)), among: names)
          .map { "; a similar one exists: \($0)" } ?? ""
      }
      add("model: is one of \(names.joined(separator: ", "))\(similar)", at: member.value.position)
      return nil
    }
    return .usual(model)
  }

  private mutating func read(
    _ members: [JSONTree.Member],
    of section: String?,
    into scenario: inout Scenario
  ) {
    let prefix = section.map { $0 + "." } ?? ""
    for member in members {
      let key = prefix + member.key
      if let first = places[key] {
        add("\(shownKey(key)): was set before, on line \(first.line)", at: member.position)
        continue
      }
      places[key] = member.position
      if let field = Field.all.first(where: { $0.key == key }) {
        read(member.value, as: field, into: &scenario)
      } else if section == nil, Field.sections.contains(key) {
        guard case .object(let inner) = member.value.content else {
          add("\(key): an object is expected: {...}", at: member.value.position)
          continue
        }
        read(inner, of: key, into: &scenario)
      } else if key != "model" {
        let similar = similar(to: member.key, in: section).map { "; a similar key exists: \($0)" }
        add("\(shownKey(key)): there is no such key\(similar ?? "")", at: member.position)
      }
    }
  }

  private mutating func read(_ value: JSONTree, as field: Field, into scenario: inout Scenario) {
    switch field.reading {
    case .single(let read):
      guard let text = text(of: value, for: field) else { return }
      attempt(field.key, field.key, at: value.position) { () throws(UsageError) in
        try read(&scenario, text.value)
      }
    case .list(let separator, let read, let check):
      var texts: [String] = []
      switch value.content {
      case .array(let elements):
        for (index, element) in elements.enumerated() {
          let name = "\(field.key)[\(index)]"
          guard case .text(let text) = element.content else {
            faulty.insert(field.key)
            add("\(name): a text is expected: \"...\"", at: element.position)
            continue
          }
          attempt(field.key, name, at: element.position) { () throws(UsageError) in
            try check(text)
          }
          texts.append(text)
        }
      case .text(let text): texts = Field.parts(of: text, separator: separator)
      default:
        faulty.insert(field.key)
        return add("\(field.key): a list of texts is expected: [\"...\"]", at: value.position)
      }
      guard !faulty.contains(field.key) else { return }
      attempt(field.key, field.key, at: value.position) { () throws(UsageError) in
        try read(&scenario, texts)
      }
    }
  }

  /// The text of a value that the field may have, which is nil for none.
  private mutating func text(of value: JSONTree, for field: Field) -> (value: String?, Void)? {
    switch value.content {
    case .text(Field.none) where field.forms.contains(.none): return (nil, ())
    case .text(let text) where field.forms.contains(.text): return (text, ())
    case .number(let text) where field.forms.contains(.number): return (text, ())
    case .flag(let flag) where field.forms.contains(.flag): return (flag ? "true" : "false", ())
    case .none where field.forms.contains(.none): return (nil, ())
    default:
      var forms: [String] = []
      if field.forms.contains(.text) { forms.append("a text in quotes") }
      if field.forms.contains(.number) { forms.append("a number without quotes") }
      if field.forms.contains(.flag) { forms.append("true or false") }
      if field.forms.contains(.none) { forms.append("\"\(Field.none)\"") }
      faulty.insert(field.key)
      add("\(field.key): expected \(forms.joined(separator: " or "))", at: value.position)
      return nil
    }
  }

  private mutating func attempt(
    _ key: String,
    _ name: String,
    at position: TextPosition,
    _ body: () throws(UsageError) -> Void
  ) {
    do throws(UsageError) {
      try body()
    } catch {
      faulty.insert(key)
      add("\(name): \(error.description)", hint: error.hint, at: position)
    }
  }

  /// The last that is set holds, but in a file nothing is last.
  private mutating func refuseBothKinds(_ members: [JSONTree.Member]) {
    let arrivals = members.first { $0.key == "arrivals" }?.value.content
    guard let callers = members.first(where: { $0.key == "callers" }),
      case .number(let count) = callers.value.content
    else { return }
    switch arrivals {
    case .array(let stages) where !stages.isEmpty: break
    case .text: break
    default: return
    }
    add(
      "callers: \(count.prefix(20)) who call in a loop, and arrivals too: it is one or the other",
      at: callers.position
    )
  }

  private func similar(to key: String, in section: String?) -> String? {
    let key = String(key.prefix(60))
    let prefix = section.map { $0 + "." } ?? ""
    let siblings =
      section == nil
      ? Field.sections + ["model"] + Field.all.map(\.key).filter { !$0.contains(".") }
      : Field.all.map(\.key).filter { $0.hasPrefix(prefix) }
        .map { String($0.dropFirst(prefix.count)) }
    return nearest(to: key, among: siblings).map { prefix + $0 } ?? Field.similar(to: key)
  }

  private func shownKey(_ key: String) -> String {
    String(key.prefix(80).map { $0.isNewline ? " " : $0 })
  }

  private mutating func add(_ reason: String, hint: String? = nil, at position: TextPosition) {
    let place = "\(file):\(position.line):\(position.column)"
    faults.append(
      (position, UsageError("\(place): \(reason)", hint: hint, line: position.line))
    )
  }
}
