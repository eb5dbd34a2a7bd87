import Access
import Domain
import Foundation
import Ledger
import TestSupport
import Testing

@Suite("The keys of a first start") struct FirstKeysTests {
  /// A data directory of the test's own, and a store.
  private final class Data {
    let contents = Contents()
    let folder = FileManager.default.temporaryDirectory.appending(path: "usher-\(UUID())")
    var random = SeededGenerator(seed: 11)

    init() throws {
      contents.now = Installation.start
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
      // What is left behind is in the system's folder for such things.
      try? FileManager.default.removeItem(at: folder)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func text(_ name: String) throws -> String {
      try String(contentsOfFile: path(name), encoding: .utf8)
    }

    func write(_ text: String, _ name: String) throws {
      try text.write(toFile: path(name), atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(name))
    }

    func mode(_ name: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
    }

    var files: [String] {
      get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    func prepare(anew: Set<AppKey.Role> = []) async throws -> [KeyNotice] {
      try await withLedger(over: contents) { ledger in
        let keys = FirstKeys(
          ledger: ledger,
          reader: ContentsReader(contents: contents),
          directory: folder.path
        )
        return try await keys.prepare(anew: anew, using: &random)
      }
    }

    /// Whether the key in that file is one that the store lets pass.
    func isGood(_ name: String, _ role: AppKey.Role) throws -> Bool {
      let line = String(try text(name).dropLast())
      let key = try #require(APIKey(line, for: role))
      return try contents.all(AppKey.self).contains {
        $0.role == role && $0.digest == key.digest && $0.revoked == nil
      }
    }
  }

  @Test("A first start makes both keys for their owner's eyes, and a key that signs at once")
  func first() async throws {
    let data = try Data()
    let notices = try await data.prepare()
    #expect(
      notices == [
        .made(.operator, path: data.path("operator.key")), .made(.app, path: data.path("app.key")),
      ]
    )
    #expect(try data.files == ["app.key", "operator.key"])
    for name in try data.files { #expect(try data.mode(name) == 0o600) }
    #expect(try data.isGood("operator.key", .operator))
    #expect(try data.isGood("app.key", .app))
    let signing: [SigningKey] = try data.contents.all()
    #expect(signing.map(\.signsFrom) == [Installation.start])
    #expect(signing.map(\.secret.count) == [32])
  }

  @Test("A second start changes nothing and has nothing to tell")
  func second() async throws {
    let data = try Data()
    _ = try await data.prepare()
    let texts = try data.files.map { try data.text($0) }
    let keys: [AppKey] = try data.contents.all()
    #expect(try await data.prepare() == [])
    #expect(try data.files.map { try data.text($0) } == texts)
    #expect(try data.contents.all() == keys)
    #expect(try data.contents.all(SigningKey.self).count == 1)
  }

  @Test("A file that is gone is not made again, and what it says is what helps")
  func missing() async throws {
    let data = try Data()
    _ = try await data.prepare()
    try FileManager.default.removeItem(atPath: data.path("app.key"))
    let notices = try await data.prepare()
    #expect(notices == [.missing(.app, path: data.path("app.key"))])
    #expect(
      notices.first?.description.hasSuffix(
        "app.key is missing and cannot be made again, because the store keeps digests of keys and not "
          + "the keys; copy the file from the data directory in which it was made, or have an operator "
          + "make another key with CreateAppKey"
      ) == true
    )
    #expect(try data.files == ["operator.key"])
  }

  @Test("A key that is asked for anew replaces the file, and the old one stays good")
  func anew() async throws {
    let data = try Data()
    _ = try await data.prepare()
    let old = try data.text("operator.key")
    #expect(
      try await data.prepare(anew: [.operator])
        == [.made(.operator, path: data.path("operator.key"))]
    )
    #expect(try data.text("operator.key") != old)
    #expect(try data.isGood("operator.key", .operator))
    #expect(try data.contents.all(AppKey.self).count == 3)
    #expect(try data.contents.all(AppKey.self).allSatisfy { $0.revoked == nil })
  }

  @Test("A start that was cut off after it wrote a file goes on with that file's key")
  func cutOff() async throws {
    let data = try Data()
    var random = SeededGenerator(seed: 12)
    let key = APIKey(for: .operator, using: &random)
    try data.write(key.text + "\n", "operator.key")
    try data.write("half a ke", "app.key.new")
    #expect(try await data.prepare() == [.made(.app, path: data.path("app.key"))])
    #expect(try data.text("operator.key") == key.text + "\n")
    #expect(try data.isGood("operator.key", .operator))
    #expect(try data.files == ["app.key", "operator.key"])
  }

  @Test("A key of another store, a revoked one, noise and open files are told apart")
  func notices() async throws {
    let data = try Data()
    _ = try await data.prepare()
    let name = data.path("app.key")
    let app = try data.text("app.key")
    var random = SeededGenerator(seed: 13)
    try data.write(APIKey(for: .app, using: &random).text, "app.key")
    #expect(try await data.prepare() == [.unknown(.app, path: name)])
    try data.write("swordfish", "app.key")
    #expect(try await data.prepare() == [.unreadable(.app, path: name)])
    try data.write(app, "app.key")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: name)
    #expect(try await data.prepare() == [.openToOthers(.app, path: name)])
    var row = try #require(data.contents.all(AppKey.self).first { $0.role == .app })
    row.revoked = Installation.start
    data.contents.put(row)
    #expect(try await data.prepare() == [.revoked(.app, path: name)])
    #expect(try data.contents.all(AppKey.self).count == 2)
  }

  @Test(
    "A directory that is not there is said clearly, and the store gets no key that nobody holds"
  )
  func noDirectory() async throws {
    let data = try Data()
    try FileManager.default.removeItem(at: data.folder)
    let failure = await #expect(throws: KeyFileFailure.self) { try await data.prepare() }
    #expect(failure?.path == data.path("operator.key"))
    #expect(failure?.problem == "cannot be written: No such file or directory")
    #expect(try data.contents.all(AppKey.self).isEmpty)
  }
}
