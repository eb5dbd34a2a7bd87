internal import Arguments
internal import Audit
internal import RPCCore
internal import UsherAPI
internal import UsherClient
internal import Wire

extension Command {
  static let audit = Command(
    name: "audit",
    summary:
      "Replays the log, and says whether seats, money, lines and tables are as it makes them.",
    parameters: "[gate NAME]",
    examples: [
      "usher audit", "usher audit --json", "usher audit --connect tickets:7411 --data keys",
      "usher audit gate spring", "usher audit gate spring --why TICKET --behind TICKET",
    ],
    flags: [
      Flag("why", "TICKET", isSetting: false, help: "the ticket of whoever asks"),
      Flag("behind", "TICKET", isSetting: false, help: "the one that it stood behind"),
    ],
    notes: [
      "A line is: audit NAME FOUND WANTED ok|broken. A broken one is followed by its first three",
      "cases, each with the event it shows at. The sale may go on meanwhile: what is audited is one",
      "state, the one at which the audit began.",
      "With gate NAME one line is audited: whose turn it was, whether there was room, and how long a",
      "place was left empty while someone waited; --why with --behind says why one ticket stood",
      "behind another.",
      "Needs operator.key and app.key. Ends with 0 if all is right, and with 5 if it is not.",
    ],
    wordsMax: 2
  ) { invocation in
    switch (invocation.words.first, invocation.words.count) {
    case (nil, _): try await invocation.knowingKeys { try await invocation.audit() }
    case ("gate", 2):
      try await invocation.knowingKeys { try await invocation.auditGate(invocation.words[1]) }
    default:
      throw UsageError(
        "there is nothing to audit by that name",
        hint: "usage: usher audit gate NAME"
      )
    }
  }
}

extension Invocation {
  /// Keys are written together: where one is another server's, so is the other.
  fileprivate func knowingKeys(_ body: () async throws -> ExitCode) async throws -> ExitCode {
    try await advised(Advice(keyFile: keys.path(of: .operator)), body)
  }

  fileprivate func audit() async throws -> ExitCode {
    let operatorKey = try keys.metadata(of: .operator)
    let appKey = try keys.metadata(of: .app)
    let auditor = try await connected { usher in
      var auditor = Auditor()
      try await readTables(operatorKey, usher, into: &auditor)
      try await readLog(appKey, usher, into: &auditor)
      return auditor
    }
    do throws(AuditFailure) {
      let verdicts = try auditor.verdicts()
      show(verdicts, upTo: auditor.exportOffset ?? 0)
      return verdicts.allSatisfy(\.isOk) ? .done : .found
    } catch {
      throw Complaint("this cannot be audited: \(error)", code: .failed)
    }
  }

  /// The export comes first, for it says how much of the log is to be read.
  private func readTables(
    _ key: Metadata,
    _ usher: UsherClient,
    into auditor: inout Auditor
  ) async throws {
    let stream = OperatorClient(usher.caller).export(
      ExportRequest(),
      options: CallOptions(metadata: key)
    )
    var chunks = stream.makeAsyncIterator()
    var next = try await waiting { try await chunks.next() }
    while let chunk = next {
      do throws(AuditFailure) {
        try auditor.take(chunk)
      } catch {
        throw Complaint("this cannot be audited: \(error)", code: .failed)
      }
      next = try await chunks.next()
    }
  }

  private func readLog(
    _ key: Metadata,
    _ usher: UsherClient,
    into auditor: inout Auditor
  ) async throws {
    guard let end = auditor.exportOffset, end > 0 else { return }
    var metadata = key
    // Whichever instance answers has to have come as far as the tables.
    try metadata.add(Metadata.Key.atLeastOffset, "\(end)")
    let stream = EventClient(usher.caller).subscribe(
      SubscribeRequest(),
      options: CallOptions(metadata: metadata)
    )
    for try await event in stream {
      guard event.offset <= end else { break }
      auditor.take(event)
    }
  }

  /// One gate's line, as the log tells it until now.
  fileprivate func auditGate(_ name: String) async throws -> ExitCode {
    let options = CallOptions(metadata: try keys.metadata(of: .app))
    let (auditor, offset) = try await connected { usher in
      var auditor = GateAuditor(of: name)
      var offset: UInt64 = 0
      let stream = EventClient(usher.caller).subscribe(SubscribeRequest(), options: options)
      for try await event in stream {
        auditor.take(event)
        offset = event.offset
      }
      return (auditor, offset)
    }
    guard let verdicts = auditor.verdicts else {
      throw Complaint("the log knows no gate \(name)", code: .failed)
    }
    if let why = flags["why"] { return try answer(why, auditor) }
    show(verdicts, upTo: offset)
    if !flags.has("json") {
      console.answer(
        "the longest that a place was empty while someone waited: \(auditor.longestEmptyMs) ms"
      )
    }
    return verdicts.allSatisfy(\.isOk) ? .done : .found
  }

  private func answer(_ ticket: String, _ auditor: GateAuditor) throws -> ExitCode {
    guard let other = flags["behind"] else {
      throw UsageError("--why asks about two tickets", hint: "name the other with --behind TICKET")
    }
    guard let sentence = auditor.why(ticket, isBehind: other) else {
      throw Complaint("the log of this gate does not know both tickets", code: .failed)
    }
    console.answer(sentence)
    return .done
  }

  private func show(_ verdicts: [Verdict], upTo offset: UInt64) {
    if flags.has("json") { return console.answer(json(verdicts, upTo: offset).text) }
    for verdict in verdicts {
      let lines = verdict.lines
      console.answer(verdict.isOk ? lines[0] : style.alert(lines[0]))
      for line in lines.dropFirst() { console.answer(line) }
    }
    let broken = verdicts.count { !$0.isOk }
    let result = broken == 0 ? "all is right" : "\(broken) of \(verdicts.count) are broken"
    console.answer("audited up to offset \(offset): \(result)")
  }

  private func json(_ verdicts: [Verdict], upTo offset: UInt64) -> JSON {
    .object([
      ("offset", .count(offset)),
      ("ok", .bool(verdicts.allSatisfy(\.isOk))),
      ("audits", .array(verdicts.map(json))),
    ])
  }

  private func json(_ verdict: Verdict) -> JSON {
    .object([
      ("name", .string(verdict.check.rawValue)),
      ("found", .count(verdict.found)),
      ("wanted", .count(verdict.wanted)),
      ("ok", .bool(verdict.isOk)),
      ("facts", .count(verdict.facts)),
      ("cases_total", .count(verdict.casesTotal)),
      (
        "cases",
        .array(
          verdict.cases.map { one in
            .object([
              ("offset", .count(one.offset ?? 0)), ("sentence", .string(one.sentence)),
            ])
          }
        )
      ),
    ])
  }
}

extension JSON {
  fileprivate static func count(_ count: UInt64) -> JSON { .number(Int64(clamping: count)) }
}
