import Testing
import UsherCommand
import Wire

@Suite("usher gate set", .timeLimit(.minutes(5))) struct GateSetTests {
  @Test("A new gate is made of what is named, and the rest is as usual") func new() async throws {
    try await Kept.run { kept in
      let answers = try await kept.answers(
        "gate set spring --inside 40 --rate 20/1s --claim 30s --grace 1m --session 5m "
          + "--session-max 8m --lottery --opens 2026-06-01T10:00:00Z --message \"soon\" "
          + "--priority-share 20 --stop-when-sold-out --limit-to-stock --ask-again 500ms-20s "
          + "--adaptive 10-80@20ms"
      )
      #expect(
        answers == [
          "spring · ANNOUNCED · revision 1",
          "  new; next: usher concert create TITLE --gate spring",
        ]
      )
      let shown = try await kept.answers("gate show spring")
      #expect(
        shown[1] == "  policy   40 inside · 20 per 1s · claim 30s · session 5m, 8m at most · "
          + "return grace 1m · rate follows the load 10-80@20ms · stops when sold out · "
          + "limited to stock · priority 20%"
      )
      #expect(shown[2] == "  opens    2026-06-01 10:00:00 UTC")
      #expect(shown.contains { $0.hasPrefix("  draw     commitment ") })
      let json = try #require(try await kept.answers("gate show spring --json").first)
      #expect(json.contains(#""ask_again_min_ms":500,"ask_again_max_ms":20000"#))
    }
  }

  @Test("Only what is named changes, and the way back that is told leads back")
  func change() async throws {
    try await Kept.run { kept in
      _ = try await kept.answers("gate set spring --inside 40 --rate 20/1s --stop-when-sold-out")
      let before = try await kept.answers("gate show spring")[1]
      let answers = try await kept.answers(
        "gate set spring --session 5m --no-stop-when-sold-out --rate none --reason \"people sit\""
      )
      #expect(
        answers == [
          "spring · OPEN · revision 2",
          "  admitted, at most: 20/1s to none",
          "  session: 10m to 5m",
          "  stop when sold out: yes to no",
          "  back: usher gate set spring --rate 20/1s --session 10m --stop-when-sold-out",
        ]
      )
      let changed = try await kept.answers("gate show spring")
      #expect(
        changed[1]
          == "  policy   40 inside · any rate · claim 1m · session 5m, 15m at most · return grace 2m"
      )
      let back = try #require(answers.last).dropFirst("  back: usher ".count)
      _ = try await kept.answers(String(back))
      #expect(try await kept.answers("gate show spring")[1] == before)
      #expect(
        try await kept.answers("gate set spring --session 10m")
          == ["spring · OPEN · revision 3", "  it is like that already"]
      )
    }
  }

  @Test("An announced gate opens when it is told to open now, and not when something else changes")
  func opening() async throws {
    try await Kept.run { kept in
      _ = try await kept.answers("gate set spring --inside 40 --opens +24h")
      let changed = try await kept.answers("gate set spring --inside 50")
      #expect(changed[0] == "spring · ANNOUNCED · revision 2")
      let opened = try await kept.answers("gate set spring --opens now")
      #expect(opened.contains { $0.hasPrefix("  opens: ") })
      _ = try await kept.answers("gate pause spring")
      #expect(try await kept.answers("gate resume spring")[0].hasPrefix("spring · OPEN"))
    }
  }

  @Test("A dry run tells what would change, ends with 5, and changes nothing")
  func dryRun() async throws {
    try await Kept.run { kept in
      _ = try await kept.answers("gate set spring --inside 40")
      let (code, transcript) = await kept.run("gate set spring --rate 80/1s --dry-run")
      #expect(code == .found)
      #expect(
        transcript.answers.prefix(2) == [
          "                     now   then", "  admitted, at most  none  80/1s",
        ]
      )
      #expect(transcript.answers.contains("  0 places would move"))
      #expect(
        transcript.answers.last == "nothing changed · to apply: usher gate set spring "
          + "--rate 80/1s --reason \"…\" --if-revision 1"
      )
      #expect(try await kept.answers("gate show spring")[0].hasSuffix("revision 1"))
      let (same, _) = await kept.run("gate set spring --inside 40 --dry-run")
      #expect(same == .done)
      let (new, made) = await kept.run("gate set autumn --inside 5 --dry-run --json")
      #expect(new == .found)
      #expect(made.answers.first?.contains(#""forecast":"the gate would be new; "#) == true)
      #expect(try await kept.answers("gate list").count == 1)
    }
  }

  @Test("A policy that contradicts itself, and one that was seen long ago, are refused")
  func refused() async throws {
    try await Kept.run { kept in
      _ = try await kept.answers("gate set spring --inside 40")
      let (code, transcript) = await kept.run("gate set spring --session 1h")
      #expect(code == .answered(.invalidArgument))
      #expect(
        transcript.remarks == [
          "usher: POLICY_CONTRADICTS: session_max_ms 900000 is less than session_ttl_ms 3600000: "
            + "nobody could stay for the session",
          "  hint:   change what the sum names together; --dry-run tries it.",
        ]
      )
      let (stale, late) = await kept.run("gate set spring --rate 5/1s --if-revision 7")
      #expect(stale == .answered(.aborted))
      #expect(late.remarks.first?.hasPrefix("usher: REVISION_CHANGED: ") == true)
      let (nothing, empty) = await kept.run("gate set spring")
      #expect(nothing == .usage)
      #expect(empty.remarks.first == "usher: nothing is named that would change")
    }
  }

  @Test(
    "What cannot be read is told before any server is asked",
    arguments: [
      ("--inside many", "--inside: many: a whole number goes here"),
      ("--rate 50", "--rate: 50: N/INTERVAL, such as 50/1s goes here"),
      ("--rate 0/1s", "--rate: 0/1s: nobody would come in"),
      ("--rate 5/soon", "--rate: soon: a duration is a number with its unit: 250ms, 30s, 5m, 1h"),
      ("--claim 2000h", "--claim: 2000h: that is longer than can be said"),
      ("--ask-again 1s", "--ask-again: 1s: MIN-MAX goes here"),
      (
        "--adaptive 10-80",
        "--adaptive: 10-80: FLOOR-CEILING@TARGET, such as 10-80@20ms goes here"
      ),
      (
        "--opens tomorrow",
        "--opens: tomorrow: a time is 2026-12-01T10:00:00Z, or +90m for one from now"
      ),
      ("--lottery --no-lottery", "--lottery and --no-lottery are not both possible"),
      (
        "--if-revision last",
        "--if-revision: last: a whole number up to 18446744073709551615 goes here"
      ),
    ]
  )
  func unreadable(flags: String, message: String) async {
    let transcript = Transcript()
    #expect(await transcript.run("gate set spring \(flags)") == .usage)
    #expect(transcript.remarks.first == "usher: \(message)")
  }
}
