import Foundation
import Testing
import Transport

@testable import words

@Suite("The article on services of one's own") struct ArticleTests {
  private static func text(of path: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../..")
    return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  private static func article() throws -> String {
    try text(of: "Sources/RPCCore/RPCCore.docc/WriteYourOwnService.md")
  }

  private static let anyPort = SocketAddress.tcp(host: "127.0.0.1", port: 0)

  @Test("Its words mean what it says", .timeLimit(.minutes(5)))
  func answers() async throws {
    let meaning = try await serving(at: Self.anyPort) { try await ask("seat", at: $0) }
    #expect(try Self.article().contains("words seat\n\(meaning)\n"))
  }

  @Test("A word that is not there is refused, and others are told", .timeLimit(.minutes(5)))
  func refuses() async throws {
    let others = try await serving(at: Self.anyPort) { try await ask("usherette", at: $0) }
    #expect(try Self.article().contains("words usherette\n\(others)\n"))
  }

  @Test(
    "It shows every file as it is",
    arguments: [
      "Proto/words/v1/words.proto", "Sources/words/WordList.swift", "Sources/words/Serving.swift",
      "Sources/words/Asking.swift", "Sources/words/main.swift",
    ]
  )
  func shown(file: String) throws {
    let article = try Self.article()
    #expect(article.contains("\n" + (try Self.text(of: "Tests/Example/words/\(file)")) + "```"))
    #expect(article.contains("`\(file)`"))
  }

  @Test("It asks for products that there are")
  func products() throws {
    let manifest = try Self.text(of: "Package.swift")
    let asked = try Self.article().matches(of: /\.product\(name: "(\w+)", package: "usher"\)/)
    #expect(asked.count > 4)
    for product in asked {
      #expect(manifest.contains(".library(name: \"\(product.1)\","))
    }
  }
}
