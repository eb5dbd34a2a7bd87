import LoadCommand
import Testing
import UsherCommand

@Suite("What usher-load refuses")
struct UsageTests {
  /// A command line that nothing can be made of, and what has to be said of it.
  struct Mistake: CustomTestStringConvertible {
    let arguments: [String]
    let says: String

    init(_ arguments: String..., says: String) {
      self.arguments = arguments
      self.says = says
    }

    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let mistakes = [
    Mistake("onsail", says: "a similar one exists: onsale"),
    Mistake("onsale", "extra", says: "does not know what to do with \"extra\""),
    Mistake("onsale", "--people", "many", says: "--people: "),
    Mistake("onsale", "--people", "0", says: "--people: "),
    Mistake("onsale", "--seed", "x", says: "--seed: "),
    Mistake("onsale", "--loops", "0", says: "--loops: 0 is no number from 1 to 256"),
    Mistake("onsale", "--connections", "x", says: "--connections: x is no number"),
    Mistake("onsale", "--warm-up", "soon", says: "--warm-up: "),
    Mistake("onsale", "--set", "sale.inside_max", says: "give KEY=VALUE"),
    Mistake("onsale", "--set", "sale.insid_max=3", says: "sale.insid_max"),
    Mistake("onsale", "--set", "sale.dates=none", says: "sale.dates"),
    Mistake("onsale", "--arrive", "one by one", says: "one by one"),
    Mistake("onsale", "--expect", "p99(hold)", says: "p99(hold)"),
    Mistake("onsale", "--callers", "3", says: "usher-load onsale takes no --callers"),
    Mistake("onsale", "--connect", "nowhere", says: "--connect: "),
    Mistake("onsale", "--scenario", "/nowhere/plan.json", says: "/nowhere/plan.json: "),
    Mistake("call", "GateService/Chek", says: "a similar one exists: "),
    Mistake("call", "Health/Check", "--request", "{oak", says: "--request: expected a key"),
    Mistake("call", "Health/Check", "-d", #"{"oak": 1}"#, says: "--request: oak: "),
    Mistake("call", "Health/Check", "-d", #"{"service": "{{oak}}"}"#, says: "{{oak}} is nothing"),
    Mistake("call", "Health/Check", "--metadata", "a b=c", says: "is not a key of"),
    Mistake("call", "Health/Check", "--metadata", "oak", says: "--metadata is KEY=VALUE"),
    Mistake(
      "onsale",
      "--worker",
      "unix:x",
      "--html",
      "x",
      says: "--html: a worker's plan and report"
    ),
    Mistake("onsale", "--html", "x", "--result", "x", says: "written, for something else too"),
    Mistake("onsale", "--csv", "x", "--html", "x-steps.csv", says: "for something else too"),
    Mistake("onsale", "--result", "/dev/null", says: "cannot write /dev/null: it is no plain file"),
    Mistake("onsale", "--html", "", says: "cannot write \"\": it names no file"),
    Mistake(
      "onsale",
      "--set",
      "sale.gate=\(String(repeating: "g", count: 53))",
      says: "which leaves 52 letters"
    ),
    Mistake("compare", "one.json", says: "takes two records"),
    Mistake("report", says: "takes one record"),
    Mistake("scenario", "wedding", says: "there are onsale, poll, call, soak"),
  ]

  @Test("A mistake is told with the flag and the reason, and nothing is sent", arguments: mistakes)
  func mistake(mistake: Mistake) async throws {
    let desk = try Desk()
    // Whoever is called here does not answer: that would be another exit code.
    let place = ["--connect", "unix:\(desk.path("nobody"))", "--data", desk.folder]
    let isPlaced = mistake.arguments.contains("--connect")
    let code = await desk.run(mistake.arguments + (isPlaced ? [] : place))
    #expect(code == .usage)
    #expect(desk.answers.isEmpty)
    #expect(desk.remark.contains(mistake.says), "\(desk.remark)")
    #expect(desk.remark.hasPrefix("usher-load: "), "\(desk.remark)")
  }

  @Test("All that is wrong with a plan is told at once, each with its place in the file")
  func faults() async throws {
    let desk = try Desk()
    let plan = try desk.write(
      "plan.json",
      """
      {
        "model": "onsale",
        "people": -5,
        "sale": {"dates": 0, "prize": 3},
        "crowd": {"watch_share": "120%"}
      }
      """
    )
    #expect(await desk.run(["onsale", "--scenario", plan]) == .usage)
    for place in ["plan.json:3:", "plan.json:4:", "plan.json:5:"] {
      #expect(desk.remark.contains(place), "\(desk.remark)")
    }
    for key in ["people", "sale.dates", "sale.prize", "crowd.watch_share"] {
      #expect(desk.remark.contains(key), "\(desk.remark)")
    }
    #expect(desk.remarks.last == "usher-load: nothing was sent")
    #expect(desk.answers.isEmpty)
  }

  @Test("All that is wrong with flags is told at once, each with its flag and what it says")
  func flags() async throws {
    let desk = try Desk()
    let plan = try desk.write("plan.json", #"{"model": "onsale", "peple": 5}"#)
    let code = await desk.run([
      "onsale", "--scenario", plan, "--people", "many", "--seed", "x", "--loops", "0",
      "--connections", "y", "--warm-up", "soon", "--set", "sale.insid_max=3", "--set",
      "sale.dates=none", "--set", "oak", "--arrive", "one by one", "--arrive", "ten by ten",
      "--expect", "p99(hold)", "--expect", "p99(hld)<1s", "--html", desk.path("no/where.html"),
    ])
    #expect(code == .usage)
    for mistake in [
      "plan.json:1:21: peple: ", "--people: people: \"many\"", "--seed: seed: \"x\"",
      "--loops: 0 is no number", "--connections: y is no number", "--warm-up: warm_up: soon",
      "--set: unknown key \"sale.insid_max\"", "--set: sale.dates: ", "--set: oak: give KEY=VALUE",
      "--arrive: \"one by one\"", "--arrive: \"ten by ten\"", "--expect: \"p99(hold)\"",
      "--expect: \"p99(hld)<1s\"", "cannot write \(desk.path("no/where.html")): ",
    ] {
      #expect(desk.remarks.count { $0.contains(mistake) } == 1, "\(mistake): \(desk.remark)")
    }
    #expect(desk.remarks.last == "usher-load: nothing was sent")
  }

  @Test("All that is wrong with the flags of a call, of a worker or of no command is told at once")
  func flagsOfOthers() async throws {
    let desk = try Desk()
    #expect(
      await desk.run([
        "call", "Health/Check", "--callers", "none at all", "--metadata", "oak", "--metadata",
        "elm", "--loops", "0",
      ]) == .usage
    )
    for mistake in [
      "--callers: callers: ", "is KEY=VALUE, not \"oak\"", "is KEY=VALUE, not \"elm\"",
      "--loops: 0",
    ] {
      #expect(desk.remarks.count { $0.contains(mistake) } == 1, "\(mistake): \(desk.remark)")
    }
    #expect(
      await desk.run(["onsale", "--worker", "unix:x", "--people", "5", "--seed", "1"]) == .usage
    )
    for flag in ["people", "seed"] {
      #expect(desk.remark.contains("--\(flag): a worker's plan and report are its coordinator's"))
    }
    #expect(await desk.run(["onsale", "--callers", "3", "--request", "{}"]) == .usage)
    for flag in ["callers", "request"] {
      #expect(desk.remark.contains("usher-load onsale takes no --\(flag)"))
    }
  }

  @Test("Whoever says how many come, and of how they come too little, is told what to give")
  func arrivals() async throws {
    let desk = try Desk()
    let plan = try desk.write("plan.json", #"{"model": "onsale", "people": 80, "arrivals": []}"#)
    #expect(await desk.run(["onsale", "--scenario", plan]) == .usage)
    #expect(desk.remark.contains(#"give one, such as "100/s for 60s" or "all at once""#))
    #expect(await desk.run(["onsale", "--people", "80", "--arrive", "79 at once"]) == .usage)
    #expect(desk.remark.contains(#"such as the rest at the end with "all at once""#))
    #expect(await desk.run(["call", "--callers", "none", "--people", "80"]) == .usage)
    #expect(desk.remark.contains(#"or "all at once", or callers"#), "\(desk.remark)")
  }

  @Test("Things of a plan that contradict each other are told with their reason")
  func contradictions() async throws {
    let desk = try Desk()
    #expect(await desk.run(["onsale", "--warm-up", "5m", "--time-limit", "1m"]) == .usage)
    #expect(desk.remark.contains("nothing is left to measure"), "\(desk.remark)")
    #expect(desk.remarks.last == "usher-load: nothing was sent")
  }

  @Test("A plan of another kind is refused")
  func otherModel() async throws {
    let desk = try Desk()
    let plan = try desk.write("plan.json", #"{"model": "poll"}"#)
    #expect(await desk.run(["onsale", "--scenario", plan]) == .usage)
    #expect(desk.remark.contains("is a plan for usher-load poll, not for onsale"))
  }

  @Test("Without a key a rehearsal does not begin, and without a server neither")
  func missing() async throws {
    let desk = try Desk()
    let place = ["--connect", "unix:\(desk.path("nobody"))", "--data", desk.folder]
    #expect(await desk.run(["onsale"] + place) == .notAllowed)
    #expect(desk.remark.contains("operator.key"), "\(desk.remark)")
    for role in ["operator", "app"] { _ = try desk.write("\(role).key", "usher_\(role)_x\n") }
    #expect(await desk.run(["onsale", "--quiet"] + place) == .notReached)
    #expect(desk.answers.isEmpty)
  }

  @Test("Every command explains itself, and all of them are listed")
  func help() async throws {
    let desk = try Desk()
    #expect(await desk.run(["help"]) == .done)
    let all = desk.answer
    for name in ["onsale", "poll", "soak", "call", "compare", "report", "scenario"] {
      #expect(all.contains("  \(name)"))
      #expect(await desk.run([name, "--help"]) == .done)
      #expect(desk.answer.contains("usher-load \(name)"))
      #expect(desk.answer.contains("exit codes"))
      #expect(desk.answer.contains("USHER_CONNECT"))
      #expect(!desk.answer.contains("configuration"))
    }
    #expect(await desk.run([]) == .usage)
    #expect(await desk.run(["--version"]) == .done)
    #expect(desk.answer.hasPrefix("usher-load "))
  }
}
