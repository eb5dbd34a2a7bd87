internal import Arguments
internal import RPCCore
internal import UsherAPI
internal import UsherClient
internal import Wire

/// A command that calls for someone who buys: with the app's key, their id and what they keep.
struct Buyer {
  /// Which token of a line a call shows.
  enum Token {
    case none
    case queue
    /// Or the other where there is none yet: the server then says what is missing.
    case entry
  }

  let usher: UsherClient
  let file: BuyerFile
  let key: String
  private let base: CallOptions
  private(set) var state: BuyerState

  fileprivate init(_ usher: UsherClient, _ file: BuyerFile, key: String, _ base: CallOptions) throws
  {
    self.usher = usher
    self.file = file
    self.key = key
    self.base = base
    state = try file.read()
  }

  /// Changes what is kept, in the file too.
  mutating func keep(_ change: (inout BuyerState) -> Void) throws {
    change(&state)
    try file.write(state)
  }

  /// How a call is made for this buyer, or by the app alone where there is none.
  func options(_ token: Token = .none, changes: Bool = false) throws -> CallOptions {
    var options = base
    if let person = state.person { try options.metadata.add(Metadata.Key.user, person.id) }
    if let shown = shown(token) { try options.metadata.add(Metadata.Key.token, shown) }
    if changes { try options.metadata.add(Metadata.Key.idempotencyKey, key) }
    return options
  }

  private func shown(_ token: Token) -> String? {
    guard token != .none, let ticket = state.ticket else { return nil }
    return token == .entry && !ticket.entryToken.isEmpty ? ticket.entryToken : ticket.queueToken
  }

  /// Who buys. Somebody has to be.
  func person() throws -> BuyerState.Person {
    guard let person = state.person else {
      throw UsageError("nobody buys yet", hint: "usher enter GATE --name NAME registers someone.")
    }
    return person
  }

  /// The id of a date that was named by its id, or by its number in the last list.
  func date(_ word: String) throws -> String {
    guard let number = Int(word) else { return word }
    guard state.dates.indices.contains(number - 1) else {
      throw UsageError(
        "there is no date \(number) in the list that usher dates printed last",
        hint: "usher dates CONCERT prints one; a date's id does as well."
      )
    }
    return state.dates[number - 1]
  }
}

extension Invocation {
  /// Runs `body` for whoever buys; refusals are told with what helps.
  func buying(
    goesOn: Bool = false,
    _ body: (inout Buyer) async throws -> ExitCode
  ) async throws -> ExitCode {
    let file = BuyerFile(in: try keys.directory(of: .app))
    let key = idempotencyKey()
    let base = CallOptions(timeout: timeout, metadata: try keys.metadata(of: .app))
    let gate = goesOn ? words.first : try file.read().gate
    let advice = Advice(gate: gate ?? "", key: key, keyFile: keys.path(of: .app))
    return try await advised(advice) {
      try await connected { usher in
        var buyer = try Buyer(usher, file, key: key, base)
        guard !goesOn else { return try await body(&buyer) }
        return try await waiting { try await body(&buyer) }
      }
    }
  }
}
