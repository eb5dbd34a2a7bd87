internal import Arguments
internal import Glibc
internal import RPCCore
internal import Reflection
internal import UsherAPI
internal import UsherClient
internal import Wire

extension Command {
  static let prove = Command(
    name: "prove",
    summary: "Fetches the receipt of a ticket, or checks one without any server.",
    parameters: "[FILE]",
    examples: [
      "usher prove --token QUEUE-TOKEN --user 0199c0de-0000-7000-8000-000000000001 --out mine.json",
      "usher prove mine.json",
      "usher prove mine.json --key 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    ],
    flags: [
      Flag("token", "TOKEN", isSetting: false, help: "the queue token of the ticket"),
      Flag("user", "ID", isSetting: false, help: "the user for whom the call is made"),
      Flag("out", "FILE", isSetting: false, help: "write the receipt there, not to the answer"),
      Flag("key", "KEY", isSetting: false, help: "the key that has to have signed the receipt"),
    ],
    notes: [
      "A receipt proves when a ticket was made, against the server too: what it says was signed when",
      "it happened, chained to all that was logged before. KEY is what usherd says when it is ready,",
      "as receipts. Keep it, and the receipt, where the server cannot change them: without --key a",
      "receipt proves only that the owner of the key within it signed.",
      "Ends with 0 if the receipt proves what is said then, and with 1 if it does not.",
    ],
    wordsMax: 1
  ) { invocation in
    try await invocation.prove()
  }
}

extension Invocation {
  fileprivate func prove() async throws -> ExitCode {
    guard let file = words.first else { return try await fetchReceipt() }
    for flag in ["token", "user", "out"] where flags.has(flag) {
      throw UsageError(
        "--\(flag) is for fetching a receipt, and \(file) is one to be checked",
        hint: "usage: \(Command.prove.help.usage)"
      )
    }
    return try checkReceipt(in: file)
  }

  // MARK: - Fetching

  private func fetchReceipt() async throws -> ExitCode {
    guard let token = flags["token"] else {
      throw UsageError(
        "there is no receipt to check, and no --token to fetch one for",
        hint: "usage: \(Command.prove.help.usage)"
      )
    }
    var options = options
    do throws(MetadataFault) {
      try options.metadata.add(Metadata.Key.token, token)
      if let user = flags["user"] { try options.metadata.add(Metadata.Key.user, user) }
    } catch {
      throw UsageError("--token or --user cannot be sent: \(error)")
    }
    try keys.add(to: &options.metadata, toCall: "usher.v1.GateService")
    let sent = options
    let receipt = try await connected { usher in
      try await waiting {
        try await GateClient(usher.caller).prove(ProveRequest(), options: sent)
      }
    }
    let proven = try proven(receipt)
    let json = try receiptCodec().decode(receipt.encoded()).json
    guard let path = flags["out"] else {
      console.answer(json)
      return .done
    }
    try write(json + "\n", to: path)
    show(proven)
    return .done
  }

  private func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "we") else {
      throw Complaint("cannot write \(path): \(String(cString: strerror(errno)))", code: .failed)
    }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten else {
      throw Complaint("cannot write \(path): \(String(cString: strerror(errno)))", code: .failed)
    }
  }

  // MARK: - Checking

  private func checkReceipt(in path: String) throws -> ExitCode {
    let json = try ReceiptFile.read(path)
    let receipt: Receipt
    do {
      receipt = try Receipt(decoding: receiptCodec().encode(json: json))
    } catch let failure as CodecFailure {
      throw Complaint("\(path) is no receipt: \(failure)", code: .failed)
    } catch let failure as DecodeFailure {
      throw Complaint("\(path) is no receipt: \(failure)", code: .failed)
    }
    show(try proven(receipt))
    return .done
  }

  private func proven(_ receipt: Receipt) throws(Complaint) -> ProvenEntry {
    do throws(ReceiptFault) {
      return try receipt.proven(by: flags["key"])
    } catch {
      throw Complaint("this receipt proves nothing: \(error)", code: .failed)
    }
  }

  private func receiptCodec() throws(Complaint) -> MessageCodec {
    let catalog: Catalog
    do {
      catalog = try makeCatalog()
    } catch {
      throw Complaint("the schema cannot be read: \(error)", code: .failed)
    }
    guard let codec = MessageCodec(Receipt.messageName, in: catalog) else {
      throw Complaint("the schema lacks \(Receipt.messageName)", code: .failed)
    }
    return codec
  }

  private func show(_ entry: ProvenEntry) {
    let isPinned = flags.has("key")
    if flags.has("json") { return console.answer(entry.json(isPinned: isPinned).text) }
    let lane = entry.isPriority ? ", in the priority lane" : ""
    console.answer("ticket   \(entry.ticketID), of user \(entry.userID)")
    console.answer("gate     \(entry.gate), number \(entry.number)\(lane)")
    console.answer("made     \(Self.text(ofMilliseconds: entry.atMs)) (\(entry.atMs) ms)")
    console.answer("log      epoch \(entry.epoch), offset \(entry.offset)")
    console.answer("key      \(entry.keyID)\(isPinned ? ", as was asked for" : "")")
    guard !isPinned else { return }
    console.remark("whose key that is was not asked: name the one that usherd tells with --key.")
  }

  /// A moment as people write it, in UTC.
  private static func text(ofMilliseconds milliseconds: Int64) -> String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "at \(milliseconds) ms" }
    func digits(_ number: some BinaryInteger, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let day = [
      digits(parts.tm_year + 1_900, 4), digits(parts.tm_mon + 1, 2), digits(parts.tm_mday, 2),
    ]
    let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits($0, 2) }
    return day.joined(separator: "-") + " " + time.joined(separator: ":")
      + ".\(digits(milliseconds % 1_000, 3)) UTC"
  }
}

extension ProvenEntry {
  fileprivate func json(isPinned: Bool) -> JSON {
    .object([
      ("ticket_id", .string(ticketID)),
      ("user_id", .string(userID)),
      ("gate", .string(gate)),
      ("number", .string(String(number))),
      ("priority", .bool(isPriority)),
      ("epoch", .string(String(epoch))),
      ("offset", .string(String(offset))),
      ("at_ms", .string(String(atMs))),
      ("key_id", .string(keyID)),
      ("key_was_asked_for", .bool(isPinned)),
    ])
  }
}

/// A receipt as a file.
private enum ReceiptFile {
  /// Far more than any receipt has.
  static let bytesMax = 1 << 20

  static func read(_ path: String) throws(Complaint) -> [UInt8] {
    guard let file = fopen(path, "re") else {
      throw Complaint("cannot read \(path): \(String(cString: strerror(errno)))", code: .failed)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else {
      throw Complaint("cannot read \(path): \(String(cString: strerror(errno)))", code: .failed)
    }
    guard count <= bytesMax else {
      throw Complaint("\(path) is no receipt: it has over \(bytesMax) bytes", code: .failed)
    }
    return Array(bytes[..<count])
  }
}
