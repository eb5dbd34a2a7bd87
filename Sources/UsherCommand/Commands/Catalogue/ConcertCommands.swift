internal import Arguments
internal import RPCCore
internal import Spelling
internal import UsherAPI
internal import UsherClient

extension Command {
  static let concertList = Command(
    name: "concert list",
    summary: "Lists the concerts, and the gate that guards each.",
    examples: ["usher concert list", "usher concert list --json"],
    notes: ["Needs app.key."]
  ) { invocation in
    let options = CallOptions(
      timeout: invocation.timeout,
      metadata: try invocation.keys.metadata(of: .app)
    )
    let pages = try await invocation.advised(Advice(keyFile: invocation.keys.path(of: .app))) {
      try await invocation.connected { usher in
        try await invocation.waiting { try await usher.concertPages(options) }
      }
    }
    var table = Table("CONCERT", "PLACE", "GATE", "ID")
    for concert in pages.flatMap(\.concerts) {
      table.add(concert.name, concert.place, concert.gate.isEmpty ? "-" : concert.gate, concert.id)
    }
    try invocation.answer(pages, table)
    return .done
  }

  static let concertCreate = Command(
    name: "concert create",
    summary: "Makes a concert, which a gate may guard.",
    parameters: "TITLE",
    examples: [
      "usher concert create \"Spring in the Round\" --gate spring --place \"Hall 1\"",
      "usher concert create Open --seats-per-user 4 --hold 10m",
    ],
    flags: [
      Flag("gate", "NAME", isSetting: false, help: "the gate in front of it (none: open to all)"),
      Flag("place", "TEXT", isSetting: false, help: "where it is"),
      Flag("minutes", "N", isSetting: false, help: "how long it runs"),
      Flag("hold", "DURATION", isSetting: false, help: "how long a held seat waits for money (5m)"),
      Flag("seats-per-user", "N", isSetting: false, help: "of one date (none: no limit)"),
      Flag(
        "cancel-until",
        "TIME",
        isSetting: false,
        help: "until when paid seats can be cancelled"
      ),
      .key,
    ],
    notes: ["Needs operator.key."],
    wordsMax: 1
  ) { invocation in
    let flags = invocation.flags
    let gate = flags["gate"] ?? ""
    let request = CreateConcertRequest(
      name: try invocation.onlyWord("a title"),
      place: flags["place"] ?? "",
      runningMinutes: try flags.number("minutes", of: UInt32.self) ?? 0,
      gate: gate,
      holdTTLMs: try flags.milliseconds("hold") ?? 0,
      seatsPerUserMax: try flags.number("seats-per-user", of: UInt32.self) ?? 0,
      cancelUntilMs: try flags.moment("cancel-until") ?? 0
    )
    let concert = try await invocation.operating(on: gate) { session in
      try await session.desk.createConcert(request, options: session.changing)
    }
    let guarded = gate.isEmpty ? "open to all" : "behind gate \(gate)"
    try invocation.answer(
      concert,
      [
        "\(concert.name) · \(guarded) · \(concert.id)".printable,
        "  next: usher date add \(concert.id) --opens TIME --price N",
      ]
    )
    return .done
  }
}

extension UsherClient {
  /// Every concert, page by page.
  func concertPages(_ options: CallOptions) async throws -> [ListConcertsResponse] {
    var pages: [ListConcertsResponse] = []
    repeat {
      let token = pages.last?.nextPageToken ?? ""
      pages.append(
        try await concerts.listConcerts(ListConcertsRequest(pageToken: token), options: options)
      )
    } while pages.last?.nextPageToken.isEmpty == false
    return pages
  }

  /// The id of the concert that a person named: by its id, its name, or the beginning of that.
  func concert(_ word: String, _ options: CallOptions) async throws -> String {
    let all = try await concertPages(options).flatMap(\.concerts)
    if all.contains(where: { $0.id == word }) { return word }
    let exact = all.filter { $0.name == word }
    let found = exact.isEmpty ? all.filter { $0.name.hasPrefix(word) } : exact
    guard found.count <= 1 else {
      throw UsageError(
        "\"\(word)\" may be any of \(found.count) concerts",
        hint: "usher concert list tells their ids."
      )
    }
    // What may be an id that is not listed is for the server to judge.
    guard found.isEmpty, word.count != 36 else { return found.first?.id ?? word }
    throw UsageError("no concert is called \"\(word)\"", hint: "usher concert list lists them.")
  }
}
