internal import Arguments
internal import Descriptors
internal import Reflection

extension Command {
  static let describe = Command(
    name: "describe",
    summary: "Describes the API, or one service, method, message or enum of it.",
    parameters: "[NAME]",
    examples: [
      "usher describe", "usher describe GateService", "usher describe gate/enter",
      "usher describe Refusal --json",
    ],
    notes: [
      "A name may be any end of a full name that nothing else has. No server is asked: the",
      "descriptions are this program's own.",
    ],
    wordsMax: 1
  ) { invocation in
    let catalog = try invocation.makeCatalog()
    guard let name = invocation.words.first else { return invocation.describeAll(catalog) }
    return try invocation.describe(
      try invocation.found { () throws(LookupFailure) in try catalog.entry(named: name) },
      in: catalog
    )
  }
}

extension Invocation {
  /// Prints what is known of something.
  func describe(_ entry: CatalogEntry, in catalog: Catalog) throws -> ExitCode {
    let description = Description(catalog)
    if flags.has("json") {
      console.answer(description.json(of: entry).text)
    } else {
      for line in description.lines(of: entry) { console.answer(line) }
    }
    return .done
  }

  fileprivate func describeAll(_ catalog: Catalog) -> ExitCode {
    let description = Description(catalog)
    if flags.has("json") {
      console.answer(description.json.text)
    } else {
      for line in description.lines { console.answer(line) }
    }
    return .done
  }
}
