import Domain
import Ledger
import ServicesSupport
import StoreSupport
import Testing
import UsherCommand

@Suite("What usher shows the server")
struct KeyTests {
  private let ada = "0199c0de-0000-7000-8000-000000000001"

  @Test("A call shows the operator's key at the operator's desk and the app's elsewhere")
  func roles() async throws {
    try await Kept.run { kept in
      let made = Transcript()
      let create = ["call", "CreateConcert", #"{"name":"Spring"}"#] + kept.place
      #expect(await made.run(create, catalog: Schemas.usher) == .done)
      let listed = Transcript()
      let list = ["call", "ListConcerts", "{}"] + kept.place
      #expect(await listed.run(list, catalog: Schemas.usher) == .done)
      #expect(listed.answers.first?.contains(#""name":"Spring""#) == true)
    }
  }

  @Test("--user names whom an app acts for")
  func user() async throws {
    try await Kept.run { kept in
      for line in [
        ["call", "Register", #"{"name":"Ada","id":"\#(ada)"}"#],
        ["call", "Charge", #"{"amount":"5"}"#, "--user", ada],
        ["call", "GetBalance", "{}", "--user", ada],
      ] {
        let transcript = Transcript()
        #expect(await transcript.run(line + kept.place, catalog: Schemas.usher) == .done)
        if line[1] == "GetBalance" { #expect(transcript.answers == [#"{"balance":"5"}"#]) }
      }
    }
  }

  @Test("What --metadata says comes before any key that usher would add")
  func metadata() async throws {
    try await Kept.run { kept in
      let strange = Transcript()
      let line = ["call", "Stats", "{}", "--metadata", "authorization=Bearer nothing"]
      #expect(await strange.run(line + kept.place, catalog: Schemas.usher).rawValue == 4)
      let register = ["call", "Register", #"{"name":"Ada"}"#, "--metadata", "idempotency-key=one"]
      var answers: [String] = []
      for _ in 0..<2 {
        let transcript = Transcript()
        #expect(await transcript.run(register + kept.place, catalog: Schemas.usher) == .done)
        answers += transcript.answers
      }
      #expect(kept.parts.database.state.head.offset == 1)
      #expect(answers.count == 2)
    }
  }

  @Test("A call that changes something has a key of its own, another each time")
  func keys() async throws {
    try await Kept.run { kept in
      var keys: Set<String> = []
      for _ in 0..<3 {
        let transcript = Transcript()
        let line = ["call", "Register", #"{"name":"Ada"}"#, "-v"] + kept.place
        #expect(await transcript.run(line, catalog: Schemas.usher) == .done)
        let said = transcript.remarks.first { $0.hasPrefix("> idempotency-key: ") }
        keys.insert(String(try #require(said).dropFirst(19)))
        #expect(!transcript.remarks.joined().contains("usher_app"))
      }
      #expect(keys.count == 3)
      for key in keys {
        #expect(
          key.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/)
            != nil
        )
      }
      let read = Transcript()
      let line = ["call", "ListConcerts", "{}", "-v"] + kept.place
      #expect(await read.run(line, catalog: Schemas.usher) == .done)
      #expect(!read.remarks.contains { $0.hasPrefix("> idempotency-key") })
    }
  }

  @Test("A directory that is named has to have the key; health needs none")
  func missing() async throws {
    try await Kept.run { kept in
      let folder = try KeyFolder()
      let place = ["--connect", kept.address, "--data", folder.path]
      let transcript = Transcript()
      let line = ["call", "Stats", "{}"] + place
      #expect(await transcript.run(line, catalog: Schemas.usher).rawValue == 4)
      #expect(
        transcript.remarks.first == "usher: there is no operator key: \(folder.path)/operator.key"
      )
      try folder.write("operator.key", "two words\n")
      let damaged = Transcript()
      #expect(await damaged.run(line, catalog: Schemas.usher).rawValue == 4)
      #expect(
        damaged.remarks.first
          == "usher: cannot read the key \(folder.path)/operator.key: it holds no key"
      )
    }
  }

  @Test("The user is named once")
  func userTwice() async {
    let transcript = Transcript()
    let line = [
      "call", "GetBalance", "{}", "--user", ada, "--metadata", "usher-user=\(ada)",
    ]
    #expect(await transcript.run(line, catalog: Schemas.usher) == .usage)
  }

  @Test("The variable names the directory where the flag does not, and neither may be empty")
  func variable() async throws {
    let folder = try KeyFolder()
    let transcript = Transcript()
    let environment = ["USHER_DATA": folder.path]
    #expect(await transcript.run("audit", environment: environment).rawValue == 4)
    #expect(transcript.remarks.first?.hasSuffix("\(folder.path)/operator.key") == true)
    let empty = Transcript()
    #expect(await empty.run("audit", environment: ["USHER_DATA": ""]) == .usage)
    #expect(empty.remarks == ["usher: USHER_DATA: this names no directory"])
  }
}
