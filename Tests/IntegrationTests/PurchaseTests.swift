import Glibc
import Testing

@Suite("A purchase by hand, with the programs as they were built", .timeLimit(.minutes(5)))
struct PurchaseTests {
  /// What `usher` prints; it has to succeed.
  private func usher(_ arguments: String, at place: DataPlace) async throws -> [String] {
    let words = arguments.split(separator: " ").map(String.init)
    let program = try Program(
      "usher",
      words + ["--connect", place.address, "--data", place.data, "--timeout", "30s"]
    )
    program.closeInput()
    let outcome = try await program.outcome()
    try #require(outcome.code == 0, "usher \(arguments): \(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test("The demonstration is behind a gate, and README's walk leads through it") func demo()
    async throws
  {
    let place = try DataPlace()
    let usherd = try await place.start("--demo")
    #expect(
      try await usher("gate list", at: place).first?.hasPrefix("demo\tOPEN\t0\t0\t150\t") == true
    )
    let refused = try Program(
      "usher",
      ["dates", "Demo", "--connect", place.address, "--data", place.data]
    )
    refused.closeInput()
    #expect(try await refused.outcome().code == 4)
    let entered = try await usher("enter demo --name Ada --wait", at: place)
    #expect(entered.contains { $0.hasPrefix("  inside until ") })
    var status = stat()
    #expect(stat("\(place.data)/buyer.json", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(try await usher("dates Demo", at: place).count == 3)
    #expect(try await usher("seats 1", at: place).count == 50)
    #expect(
      try await usher("hold 1 12 13", at: place).first?.hasPrefix(
        "held seats 12, 13 for 9000 until "
      )
        == true
    )
    #expect(try await usher("seats 1 --all", at: place)[11] == "12\t4500\theld")
    #expect(try await usher("charge 9000", at: place).first == "charged 9000; the balance is 9000")
    #expect(
      try await usher("pay", at: place).first?.hasPrefix("paid 9000; the balance is 0; payment ")
        == true
    )
    #expect(try await usher("history", at: place).count == 5)
    #expect(try await usher("audit", at: place).last?.hasSuffix(": all is right") == true)
    usherd.signal(SIGTERM)
    #expect(try await usherd.outcome().code == 0)
  }
}
