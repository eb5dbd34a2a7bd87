internal import Arguments
internal import Audit
internal import RPCCore
internal import UsherAPI
internal import UsherClient
internal import Wire

extension Command {
  static let audit = Command(
    name: "audit",
    summary: "Replays the log, and says whether seats, money and tables are as it makes them.",
    examples: [
      "usher audit", "usher audit --json", "usher audit --connect tickets:7411 --data keys",
    ],
    notes: [
      "A line is: audit NAME FOUND WANTED ok|broken. A broken one is followed by its first three",
      "cases, each with the event it shows at. The sale may go on meanwhile: what is audited is one",
      "state, the one at which the audit began.",
      "Needs operator.key and app.key. Ends with 0 if all is right, and with 5 if it is not.",
    ]
  ) { invocation in
    try await invocation.audit()
  }
}

extension Invocation {
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
