import Domain
import Glibc
import Ledger
import ServicesSupport
import Testing
import UsherCommand

@Suite("usher prove")
struct ProveCommandTests {
  /// Someone in a gate's line, and where their receipt is to go.
  private struct Waiter {
    let user: String
    let token: String
    let folder: KeyFolder

    var file: String { folder.path + "/app.key" }

    /// Writes the receipt into a file.
    func prove(_ more: [String], _ kept: Kept) async -> (ExitCode, Transcript) {
      let transcript = Transcript()
      let line = ["prove", "--token", token, "--user", user] + more + kept.place
      return (await transcript.run(line, catalog: Schemas.usher), transcript)
    }

    func text() throws -> String {
      let file = try #require(fopen(file, "r"))
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 100_000)
      return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    }
  }

  private func enter(_ kept: Kept) async throws -> Waiter {
    let user = try await kept.parts.ledger.submit(Register(id: nil, name: "Ada")).outcome.id
    let transcript = Transcript()
    for line in [
      ["call", "SetGate", #"{"name":"spring","policy":{"inside_max":5}}"#],
      ["call", "Enter", #"{"gate":"spring"}"#, "--user", "\(user)"],
    ] {
      let code = await transcript.run(line + kept.place, catalog: Schemas.usher)
      try #require(code == .done, "\(transcript.remarks)")
    }
    let answer = try #require(transcript.answers.last)
    let token = try #require(answer.firstMatch(of: /"queue_token":"([^"]+)"/)?.1)
    return Waiter(user: "\(user)", token: String(token), folder: try KeyFolder())
  }

  /// Checks the file without any server.
  private func check(_ waiter: Waiter, _ more: [String] = []) async -> (ExitCode, Transcript) {
    let transcript = Transcript()
    let line = ["prove", waiter.file] + more
    return (await transcript.run(line, catalog: Schemas.usher), transcript)
  }

  @Test("A receipt is fetched into a file, and checked without a server")
  func fetchAndCheck() async throws {
    try await Kept.run { kept in
      let waiter = try await enter(kept)
      let (code, fetched) = await waiter.prove(["--out", waiter.file], kept)
      #expect(code == .done, "\(fetched.remarks)")
      #expect(fetched.answers.first?.hasSuffix(", of user \(waiter.user)") == true)
      #expect(fetched.answers[1] == "gate     spring, number 1")
      #expect(fetched.answers[2] == "made     2026-05-28 20:26:40.000 UTC (1780000000000 ms)")
      let key = try #require(fetched.answers.last?.split(separator: " ").last.map(String.init))

      let (checked, offline) = await check(waiter)
      #expect(checked == .done)
      #expect(offline.answers == fetched.answers)
      #expect(offline.remarks.first?.contains("--key") == true)

      let (pinned, told) = await check(waiter, ["--key=\(key)"])
      #expect(pinned == .done)
      #expect(told.answers.dropLast() == fetched.answers.dropLast())
      #expect(told.answers.last == "key      \(key), as was asked for")
      #expect(told.remarks.isEmpty)

      let (_, json) = await check(waiter, ["--json"])
      #expect(
        json.answers.first?.contains(#""gate":"spring","number":"1","priority":false"#) == true
      )
    }
  }

  @Test("Without --out the receipt is the answer, with the schema's names")
  func answered() async throws {
    try await Kept.run { kept in
      let (code, fetched) = await (try await enter(kept)).prove([], kept)
      #expect(code == .done)
      #expect(fetched.answers.count == 1)
      for field in ["event", "leaves", "head_before", "signature", "key_id"] {
        #expect(fetched.answers.first?.contains("\"\(field)\":") == true, "\(field)")
      }
    }
  }

  @Test("A receipt that was altered, or is none, ends with 1 and the reason")
  func altered() async throws {
    try await Kept.run { kept in
      let waiter = try await enter(kept)
      _ = await waiter.prove(["--out", waiter.file], kept)
      let right = try waiter.text()
      let wrongs = [
        (right.replacing("\"event\":\"", with: "\"event\":\"AAAA"), "its signature is not"),
        (
          right.replacing(/"leaf":\d+,/, with: "").replacing(
            "\"leaves\":",
            with: "\"leaf\":999,\"leaves\":"
          ), "its path"
        ),
        (right.replacing("\"key_id\":\"", with: "\"key_id\":\"A"), "its key_id"),
        ("{}", "its key_id"), ("[]", "is no receipt"), ("", "is no receipt"),
      ]
      for (text, reason) in wrongs {
        try waiter.folder.write("app.key", text)
        let (code, transcript) = await check(waiter)
        #expect(code.rawValue == 1, "\(text)")
        #expect(transcript.answers.isEmpty)
        #expect(transcript.remarks.first?.contains(reason) == true, "\(transcript.remarks)")
      }
    }
  }

  @Test("Another key than the one that was named ends with 1 and both keys")
  func otherKey() async throws {
    try await Kept.run { kept in
      let waiter = try await enter(kept)
      _ = await waiter.prove(["--out", waiter.file], kept)
      let other = String(repeating: "A", count: 43)
      let (code, transcript) = await check(waiter, ["--key", other])
      #expect(code.rawValue == 1)
      #expect(transcript.remarks.first?.hasSuffix(", not with \(other)") == true)
    }
  }

  @Test(
    "What cannot be done is told",
    arguments: [
      ("prove", 2, "no --token to fetch one for"),
      ("prove mine.json --token T", 2, "--token is for fetching a receipt"),
      ("prove /nowhere/mine.json", 1, "cannot read /nowhere/mine.json: No such file"),
    ]
  )
  func mistakes(line: String, code: Int32, reason: String) async {
    let transcript = Transcript()
    #expect(await transcript.run(line).rawValue == code)
    #expect(transcript.remarks.first?.contains(reason) == true, "\(transcript.remarks)")
  }

  @Test("A token of someone else gives no receipt")
  func stranger() async throws {
    try await Kept.run { kept in
      let waiter = try await enter(kept)
      let other = try await kept.parts.ledger.submit(Register(id: nil, name: "Bob")).outcome.id
      let transcript = Transcript()
      let line = ["prove", "--token", waiter.token, "--user", "\(other)"] + kept.place
      #expect(await transcript.run(line, catalog: Schemas.usher) == .notAllowed)
      #expect(transcript.remarks.first?.contains("FORBIDDEN") == true)
    }
  }
}
