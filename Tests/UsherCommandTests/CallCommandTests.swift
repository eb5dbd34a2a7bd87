import Descriptors
import Fixtures
import Foundation
import RPCCore
import Reflection
import Testing
import UsherAPI
import UsherCommand
import Wire

@Suite("usher call", .timeLimit(.minutes(5))) struct CallCommandTests {
  /// Runs one command against a server of every kind of call.
  private func call(
    _ arguments: [String],
    onTerminal: Bool = false,
    input: TypedInput = TypedInput(),
    into transcript: Transcript = Transcript()
  ) async throws -> (code: ExitCode, transcript: Transcript) {
    var code = ExitCode.failed
    try await withServer(of: [MirrorCalls()]) { address in
      code = await transcript.run(
        ["call"] + arguments + ["--connect", address],
        catalog: Schemas.fixtures,
        onTerminal: onTerminal,
        input: input
      )
    }
    return (code, transcript)
  }

  @Test(
    "One request and one response, wherever the request stands",
    arguments: [
      ["call/put", #"{"name":"oak","weight":7}"#],
      ["call/put", "-d", #"{"name":"oak","weight":7}"#],
      ["usher.fixtures.v1.CallService/Put", #"--request={"name":"oak","weight":"7.0"}"#],
      ["Put", "-d", "@-"],
    ]
  )
  func unary(arguments: [String]) async throws {
    let input = TypedInput([#"{"name":"#, #""oak","weig"#, "ht\":7}\n\n"])
    let (code, transcript) = try await call(arguments, input: input)
    #expect(code == .done)
    #expect(transcript.answers == [#"{"name":"oak","weight":7}"#])
    #expect(transcript.remarks.isEmpty)
  }

  @Test("Without a request the message is empty, and nothing is read")
  func noRequest() async throws {
    let input = TypedInput(isOpen: true)
    let (code, transcript) = try await call(["Put"], onTerminal: true, input: input)
    #expect(code == .done)
    #expect(transcript.answers == ["{}"])
    #expect(
      try await call(["Put", "--defaults"]).transcript.answers == [#"{"name":"","weight":0}"#]
    )
  }

  @Test("A request stands in a file")
  func file() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: path) }  // a file that stays fails no test
    try Data("{\"name\":\n\"elm\"}".utf8).write(to: path)
    let (code, transcript) = try await call(["Put", "-d", "@\(path.path)"])
    #expect(code == .done)
    #expect(transcript.answers == [#"{"name":"elm"}"#])
    let missing = try await call(["Put", "-d", "@\(path.path).not"])
    #expect(missing.code == .usage)
    #expect(
      missing.transcript.remarks
        == ["usher: cannot read \(path.path).not: No such file or directory"]
    )
  }

  @Test("Streams take and give a value a line")
  func streams() async throws {
    let leaves = [#"{"name":"a"}"#, #"{"weight":2}"#]
    let scattered = try await call(["Scatter", "{\"leaves\":[\(leaves.joined(separator: ","))]}"])
    #expect(scattered.code == .done)
    #expect(scattered.transcript.answers == leaves)
    let gathered = try await call(["Gather", "-d", leaves[0] + leaves[1], "-d", "@-"])
    #expect(gathered.transcript.answers == ["{\"leaves\":[\(leaves.joined(separator: ","))]}"])
    let none = try await call(["Gather", "-d", ""])
    #expect(none.transcript.answers == ["{}"])
    let echoed = try await call(
      ["Echo", "-d", "@-"],
      input: TypedInput(["{\"name\":\"a\"}{\"wei", "ght\":2}"])
    )
    #expect(echoed.code == .done)
    #expect(echoed.transcript.answers == leaves)
  }

  @Test("What is typed is sent at once, and a server that ends the call ends the command")
  func conversation() async throws {
    let input = TypedInput(isOpen: true)
    let transcript = Transcript()
    async let outcome = call(
      ["Echo", "-d", "@-"],
      onTerminal: true,
      input: input,
      into: transcript
    )
    input.type("{\"name\":\"a\"}")
    await transcript.wait { $0.answers == [#"{"name":"a"}"#] }
    input.type("\n{\"name\":\"end\"}\n")
    #expect(try await outcome.code == .done)
    #expect(transcript.answers == [#"{"name":"a"}"#, #"{"name":"end"}"#])
    #expect(transcript.remarks == ["reading JSON; Ctrl-D ends it"])
  }

  @Test("A request that is wrong ends the call where it stands, with its number")
  func wrongInStream() async throws {
    for method in ["Echo", "Gather"] {
      let input = TypedInput(["{\"name\":\"a\"}\n{\"nam\":1}\n"], isOpen: true)
      let (code, transcript) = try await call([method, "-d", "@-"], input: input)
      #expect(code == .usage)
      #expect(
        transcript.remarks.first == """
          usher: standard input: request 2: nam: usher.fixtures.v1.Leaf has no such field; \
          a similar one exists: name
          """
      )
    }
  }

  @Test("Metadata goes along, and -v tells how it went, but no secrets")
  func verbose() async throws {
    let metadata = ["--metadata", "usher-user=kim", "--metadata", "authorization=Bearer x"]
    let peeked = try await call(["Peek"] + metadata)
    #expect(peeked.transcript.answers == [#"{"a_string":"kim","leaf":{}}"#])
    let (_, transcript) = try await call(
      ["Put", #"{"weight":1}"#, "-v", "--timeout=9s"] + metadata
    )
    let remarks = transcript.remarks.map { $0.split(separator: " after ")[0] }
    #expect(
      remarks == [
        "> /usher.fixtures.v1.CallService/Put, within 9s", "> usher-user: kim",
        "> authorization: 8 bytes, not shown", "> request of 2 bytes", "< response of 2 bytes",
        "< OK", "< usher-offset: 12", "< authorization: 8 bytes, not shown",
      ]
    )
    let failed = try await call(["Default", #"{"weight":5,"name":"no such leaf"}"#, "-v"])
    #expect(failed.code == .answered(.notFound))
    #expect(
      failed.transcript.remarks.suffix(2).map { $0.split(separator: " after ")[0] } == [
        "< NOT_FOUND", "usher: NOT_FOUND: no such leaf",
      ]
    )
  }

  @Test("A refusal is told by its name, with what the schema says of it")
  func refusals() async throws {
    var trailers = Metadata()
    try trailers.add(Metadata.Key.refusal, "SEAT_TAKEN")
    let failure = RPCFailure(.failedPrecondition, "seat 14 is taken", trailers: trailers)
    try await withServer(of: [RefusingHealth(failure: failure)]) { address in
      for method in ["health/check", "health/watch"] {
        let transcript = Transcript()
        let code = await transcript.run(
          ["call", method, "--connect", address],
          catalog: Schemas.usher
        )
        #expect(code.rawValue == 64 + 9)
        #expect(
          transcript.remarks == [
            "usher: SEAT_TAKEN: seat 14 is taken", "  hint:   SEAT_TAKEN: held or sold",
          ]
        )
      }
    }
  }

  @Test("What cannot be reached has an exit code of its own")
  func nobody() async {
    let transcript = Transcript()
    let arguments = ["call", "Put", "--connect", "unix:/tmp/usher-nobody-\(getpid()).sock"]
    #expect(await transcript.run(arguments, catalog: Schemas.fixtures) == .notReached)
  }

  @Test(
    "Mistakes are told before anybody is called",
    arguments: [
      ([], "there is no method to call"),
      (
        ["Putt"],
        "there is no method \"Putt\"; a similar one exists: usher.fixtures.v1.CallService/Put"
      ),
      (["Put", "{}", "-d", "{}"], "a request stands behind the method or behind -d, not both"),
      (
        ["Put", "{}{}"],
        "usher.fixtures.v1.CallService/Put takes one request, and there are several"
      ),
      (["Put", " "], "there is no request"),
      (["Put", "{"], "expected a key in double quotes (line 1, column 2)"),
      (
        ["Put", "-d", "{}", "-d", "{}"],
        "usher.fixtures.v1.CallService/Put takes one request, and there are several"
      ),
      (["Put", #"{"weight":-1}"#], "weight: -1 is beyond what a uint32 can be"),
      (
        ["Echo"],
        "usher.fixtures.v1.CallService/Echo takes a stream of requests, and there are none"
      ),
      (["Put", "--metadata", "x"], "--metadata is KEY=VALUE, not \"x\""),
      (["Put", "--metadata", "X=1"], "--metadata: \"X\" is not a key of a-z0-9._-"),
      (["Put", "--metadata", "x=ä"], "--metadata: the value of x is not ASCII"),
      (["Put", "--metadata", "x-bin=?"], "--metadata: the value of x-bin is not base64"),
      (["--list", "nothing"], "there is no service \"nothing\""),
    ] as [([String], String)]
  )
  func mistakes(arguments: [String], message: String) async {
    let transcript = Transcript()
    let code = await transcript.run(["call"] + arguments, catalog: Schemas.fixtures)
    #expect(code == .usage)
    #expect(transcript.remarks.first == "usher: " + message)
    #expect(transcript.answers.isEmpty)
  }

  @Test("Methods are listed, all or a service's")
  func listing() async {
    let transcript = Transcript()
    #expect(await transcript.run("call --list health") == .done)
    #expect(
      transcript.answers == ["grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch"]
    )
    let all = Transcript()
    #expect(await all.run("call --list --json") == .done)
    #expect(all.answers.count == 1)
    #expect(all.answers.first?.contains("\"usher.v1.GateService/Enter\"") == true)
  }

  @Test("A template of every method's request can be sent as it is")
  func templates() async throws {
    for catalog in [Schemas.fixtures, Schemas.usher] {
      for method in try catalog.get().methods {
        let transcript = Transcript()
        let arguments = ["call", "--template", method.name]
        #expect(await transcript.run(arguments, catalog: catalog) == .done)
        let codec = try #require(MessageCodec(method.schema.request, in: try catalog.get()))
        let template = try #require(transcript.answers.first)
        #expect(throws: Never.self) { try codec.encode(json: Array(template.utf8)) }
      }
    }
  }

  @Test("What would be sent is shown, byte by byte, and put together it is a frame")
  func unsent() async throws {
    let transcript = Transcript()
    let arguments = [
      "call", "Put", #"{"name":"oak","weight":300}"#, "--unsent", "--metadata", "usher-user=kim",
    ]
    #expect(await transcript.run(arguments, catalog: Schemas.usherAndFixtures) == .done)
    #expect(
      transcript.answers == [
        "00 00 00 4a                                      a frame of 74 bytes",
        "08 01                                            kind: \"KIND_OPEN\"",
        "10 01                                            call: 1",
        "1a 22 2f 75 73 68 65 72 2e 66 69 78 74 75 72 65  method: \"/usher.fixtures.v1.CallService/Put\"",
        "73 2e 76 31 2e 43 61 6c 6c 53 65 72 76 69 63 65",
        "2f 50 75 74",
        "20 90 4e                                         timeout_ms: 10000",
        "2a 11                                            metadata: usher.rpc.v1.Metadata, 17 bytes",
        "0a 0a 75 73 68 65 72 2d 75 73 65 72                key: \"usher-user\"",
        "12 03 6b 69 6d                                     value: \"kim\"",
        "32 08                                            message: usher.fixtures.v1.Leaf, 8 bytes",
        "0a 03 6f 61 6b                                     name: \"oak\"",
        "10 ac 02                                           weight: 300",
        "38 01                                            last: true",
      ]
    )
    let bytes = transcript.answers.flatMap { $0.prefix(47).split(separator: " ") }
      .compactMap { UInt8($0, radix: 16) }
    try bytes.dropFirst(4).withUnsafeBytes { bytes in
      let frame = try FrameView(reading: bytes)
      #expect(frame.kind == .open && frame.isLast)
      #expect(try Leaf(decoding: [UInt8](frame.message)) == Leaf(name: "oak", weight: 300))
    }
    let streamed = Transcript()
    let stream = ["call", "Echo", "{}{}", "--unsent"]
    #expect(await streamed.run(stream, catalog: Schemas.usherAndFixtures) == .done)
    let kinds = streamed.answers.filter { $0.contains("kind: ") }.compactMap {
      $0.split(separator: "\"").last
    }
    #expect(kinds == ["KIND_OPEN", "KIND_MESSAGE", "KIND_MESSAGE", "KIND_END"])
  }
}
