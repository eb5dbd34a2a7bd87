import Foundation
import Glibc
import Testing

@Suite("When usherd cannot use what it finds", .timeLimit(.minutes(5))) struct StartTests {
  private func refused(_ place: DataPlace) async throws -> Program.Outcome {
    let usherd = try Program("usherd", place.arguments)
    usherd.closeInput()
    return try await usherd.outcome()
  }

  /// Opens a data directory, and closes it in order.
  private func open(_ place: DataPlace) async throws {
    let usherd = try await place.start()
    usherd.signal(SIGTERM)
    #expect(try await usherd.outcome().code == 0)
  }

  private func contents(_ place: DataPlace) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: place.database))
  }

  private func overwrite(_ place: DataPlace, at offset: UInt64, with bytes: [UInt8]) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: place.database))
    try file.seek(toOffset: offset)
    try file.write(contentsOf: bytes)
    try file.close()
  }

  @Test("Whose operator.key is lost is told how to have another, and has it")
  func lostOperatorKey() async throws {
    let place = try DataPlace()
    try await open(place)
    let key = place.data + "/operator.key"
    let first = try String(contentsOfFile: key, encoding: .utf8)
    try FileManager.default.removeItem(atPath: key)
    let without = try await place.start()
    without.signal(SIGTERM)
    #expect(try await without.outcome().errors.contains("start once with --new-operator-key"))
    #expect(!FileManager.default.fileExists(atPath: key))
    let with = try await place.start("--new-operator-key")
    with.signal(SIGTERM)
    #expect(try await with.outcome().code == 0)
    #expect(try String(contentsOfFile: key, encoding: .utf8) != first)
    try await open(place)
  }

  @Test("A second one on the same data is told who was first, since when, and what to do")
  func inUse() async throws {
    let place = try DataPlace()
    let first = try await place.start()
    let second = try await refused(place)
    #expect(second.code == 4)
    let lines = second.errors.split(separator: "\n").map(String.init)
    try #require(lines.count == 3, "\(second.errors)")
    #expect(
      lines[0] == "usherd: cannot open the store: \(place.database) is in use by process "
        + "\(first.identifier)"
    )
    let detail =
      #/  detail: lock held since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC by usherd [0-9.]+\./#
    #expect(lines[1].wholeMatch(of: detail) != nil, "\(lines[1])")
    #expect(
      lines[2] == "  hint:   stop that process, or give this one another --data directory."
    )
    // The first has noticed nothing.
    first.signal(SIGTERM)
    #expect(try await first.outcome().code == 0)
    try await open(place)
  }

  @Test("One that cannot have its address leaves no keys and no store behind")
  func addressInUse() async throws {
    let place = try DataPlace()
    let first = try await place.start()
    let other = place.data + "-other"
    let second = try Program("usherd", ["--listen", place.address, "--data", other])
    second.closeInput()
    let outcome = try await second.outcome()
    #expect(outcome.code != 0)
    #expect(outcome.errors.contains("in use"))
    #expect(!FileManager.default.fileExists(atPath: other))
    first.signal(SIGTERM)
    #expect(try await first.outcome().code == 0)
  }

  @Test("A newer schema is refused, and the file left as it is") func newer() async throws {
    let place = try DataPlace()
    try await open(place)
    // The user version, in the header of an SQLite file.
    try overwrite(place, at: 60, with: [0, 0, 0, 99])
    let before = try contents(place)
    let outcome = try await refused(place)
    #expect(outcome.code == 4)
    let fact =
      "\(place.database) was made by a newer version: its schema is 99, and this one knows "
    #expect(outcome.errors.hasPrefix("usherd: cannot open the store: \(fact)"))
    #expect(outcome.errors.contains("\n  hint:   use the version that made it, or a later one.\n"))
    #expect(try contents(place) == before)
  }

  @Test("A damaged file is refused and left as it is", arguments: ["header", "schema", "cut off"])
  func damaged(what: String) async throws {
    let place = try DataPlace()
    try await open(place)
    switch what {
    case "header": try overwrite(place, at: 0, with: Array("no database at all".utf8))
    case "schema": try overwrite(place, at: 100, with: [UInt8](repeating: 0xAA, count: 3_000))
    default:
      try FileHandle(forWritingTo: URL(fileURLWithPath: place.database)).truncate(atOffset: 10_000)
    }
    let before = try contents(place)
    let outcome = try await refused(place)
    #expect(outcome.code == 1)
    #expect(
      outcome.errors.hasPrefix("usherd: cannot open the store: \(place.database) is damaged: "),
      "\(outcome.errors)"
    )
    #expect(
      outcome.errors.contains("\n  hint:   put a copy in its place; nothing in it was changed.\n")
    )
    #expect(try contents(place) == before)
  }
}
