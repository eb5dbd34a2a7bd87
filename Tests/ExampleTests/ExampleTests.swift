import Foundation
import Testing

@Suite("The README's example") struct ExampleTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  @Test("It does what the README says", .timeLimit(.minutes(5))) func works() async throws {
    #expect(try await serveAndCall() == "Hello, Ada.")
  }

  @Test("The README shows it as it is") func shown() throws {
    let readme = try String(
      contentsOf: Self.folder.appendingPathComponent("../../README.md"),
      encoding: .utf8
    )
    let text = try String(
      contentsOf: Self.folder.appendingPathComponent("Greeter.swift"),
      encoding: .utf8
    )
    #expect(readme.contains("\n" + text + "```"))
  }
}
