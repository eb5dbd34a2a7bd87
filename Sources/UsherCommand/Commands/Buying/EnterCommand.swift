internal import Arguments
internal import RPCCore
internal import Spelling
internal import UsherAPI
internal import UsherClient

extension Command {
  static let enter = Command(
    name: "enter",
    summary: "Stands in a gate's line, and with --wait comes in when it is one's turn.",
    parameters: "GATE",
    examples: [
      "usher enter spring --name Ada --wait", "usher enter spring",
      "usher enter spring --user 0199c0de-0000-7000-8000-000000000001 --json",
    ],
    flags: [
      Flag("user", "ID", isSetting: false, help: "who enters, of those who are registered"),
      Flag("name", "NAME", isSetting: false, help: "register someone of that name, who enters"),
      Flag("wait", isSetting: false, help: "watch the place, and come in as soon as one may"),
    ],
    notes: [
      "Whoever is in line keeps their place, however often they ask. Without --user and --name it is",
      "who entered last; with the name that they gave, too.",
      "Who buys and their tokens are kept for the commands that follow in buyer.json, beside app.key,",
      "for its owner's eyes only. Needs app.key.",
    ],
    wordsMax: 1
  ) { invocation in
    try await invocation.enter()
  }
}

extension Invocation {
  fileprivate func enter() async throws -> ExitCode {
    let gate = try onlyWord("a gate")
    guard !flags.has("user") || !flags.has("name") else {
      throw UsageError("--user is someone who is registered, and --name someone new: not both")
    }
    return try await buying(goesOn: true) { buyer in
      let before = buyer.state
      let entered: EnterResponse
      do {
        entered = try await waiting { try await enter(gate, &buyer) }
      } catch let failure as RPCFailure where failure.isFromPeer && !failure.isOutcomeUnknown {
        // Whoever bought before still does, with their place and what they hold.
        if before.ticket != nil || flags.has("user") { try buyer.keep { $0 = before } }
        throw failure
      }
      guard let place = entered.place else {
        throw Complaint("the server did not say where one stands", code: .failed)
      }
      try buyer.keep { state in
        state.gate = gate
        state.ticket = BuyerState.Ticket(
          gate: gate,
          id: place.ticketID,
          number: place.number,
          queueToken: entered.queueToken,
          entryToken: place.entryToken
        )
      }
      let person = try buyer.person()
      let who = (person.name.isEmpty ? person.id : "\(person.name) (\(person.id))").printable
      let how = entered.existing ? "is in line for" : "stands in line for"
      try answer(
        entered,
        [
          "\(who) \(how) \(gate); kept in \(buyer.file.path)", "  \(place.standing)".printable,
        ]
      )
      guard flags.has("wait") else {
        say(["  next: \(next(after: place, gate))"])
        return .done
      }
      return try await comeIn(&buyer, from: place)
    }
  }

  private func enter(_ gate: String, _ buyer: inout Buyer) async throws -> EnterResponse {
    try await identify(&buyer)
    return try await buyer.usher.gates.enter(
      EnterRequest(gate: gate),
      options: try buyer.options()
    )
  }

  private func next(after place: Place, _ gate: String) -> String {
    place.state == .active ? "usher dates CONCERT" : "usher enter \(gate) --wait"
  }

  /// Makes sure of who enters: someone who was named, or whoever did last.
  private func identify(_ buyer: inout Buyer) async throws {
    if let id = flags["user"] {
      if buyer.state.person?.id != id { try buyer.keep { $0 = BuyerState(person: .init(id: id)) } }
      return
    }
    guard let name = flags["name"] else {
      guard buyer.state.person == nil else { return }
      throw UsageError("who enters?", hint: "--name NAME registers someone; --user ID names them.")
    }
    // The same name again is the same person, or asking twice would stand in line twice.
    let known = buyer.state.person.flatMap { $0.name == name ? $0.id : nil }
    if known == nil { try buyer.keep { $0 = BuyerState() } }
    let registered = try await buyer.usher.users.register(
      RegisterRequest(name: name, id: known ?? ""),
      options: try buyer.options(changes: known == nil)
    )
    guard let user = registered.user else {
      throw Complaint("the server did not say who was registered", code: .failed)
    }
    try buyer.keep { $0.person = .init(id: user.id, name: user.name) }
  }

  /// Watches the place until one may come in, and comes in.
  private func comeIn(_ buyer: inout Buyer, from first: Place) async throws -> ExitCode {
    var place = first
    // A missed turn is waited for again.
    while place.isLiving, place.state != .active {
      if place.state == .waiting { place = try await watch(&buyer, from: place) }
      guard place.state == .admitted || place.state == .missed else { continue }
      let options = try buyer.options(.queue)
      place = try await buyer.usher.gates.claim(ClaimRequest(), options: options)
      try show(place)
    }
    guard place.state == .active else {
      throw Complaint("nobody comes in with this ticket: \(place.standing)", code: .failed)
    }
    if place.entryToken.isEmpty {
      place = try await buyer.usher.gates.check(CheckRequest(), options: try buyer.options(.queue))
    }
    let token = place.entryToken
    try buyer.keep { $0.ticket?.entryToken = token }
    say(["  next: usher dates CONCERT"])
    return .done
  }

  /// Shows the place whenever it changes, until it is no place in a line any more.
  private func watch(_ buyer: inout Buyer, from first: Place) async throws -> Place {
    var options = try buyer.options(.queue)
    options.timeout = flags.has("timeout") ? timeout : nil
    var told = first.standing
    for try await place in buyer.usher.gates.watch(
      WatchRequest(atMostEveryMs: 1_000),
      options: options
    ) {
      guard place.state == .waiting else { return place }
      guard place.standing != told else { continue }
      told = place.standing
      try show(place, over: true)
    }
    throw Complaint(
      "the server ended the watch before the turn came",
      hint: "the place is kept; ask again with usher enter GATE --wait",
      code: .failed
    )
  }

  private func show(_ place: Place, over: Bool = false) throws {
    // On a terminal a place takes the line of the one before.
    let lives = over && console.answersToTerminal && !style.isPlain
    let line = "  \(place.standing)".printable
    try answer(place, [(lives ? "\u{1B}[1A\u{1B}[2K" : "") + line])
  }
}
