import Foundation
import Glibc
import RPCCore
import SocketSupport
import TestSupport
import Testing
import UsherAPI
import Wire

@Suite("A disk that is full, or fails", .timeLimit(.minutes(5))) struct FullDiskTests {
  private func charge(_ shop: ShopCalls, _ user: String) async throws -> Int64 {
    let request = ChargeRequest(amount: 1, description: String(repeating: "x", count: 200))
    let options = try shop.options(user: user)
    return try await WalletClient(shop.caller).charge(request, options: options).balance
  }

  private func balance(_ shop: ShopCalls, _ user: String) async throws -> Int64 {
    let options = try shop.options(user: user)
    return try await WalletClient(shop.caller)
      .getBalance(GetBalanceRequest(), options: options).balance
  }

  private func register(_ shop: ShopCalls) async throws -> String {
    let request = RegisterRequest(name: "Ada")
    let response = try await UserClient(shop.caller).register(request, options: shop.options())
    return try #require(response.user?.id)
  }

  @Test(
    "While it is full there is reading and no writing; with room again it goes on by itself",
    .enabled(if: SmallFileSystem.isPossible, "this process may not mount a file system")
  )
  func full() async throws {
    let disk = try #require(SmallFileSystem(bytes: 4 << 20))
    let place = try DataPlace(in: disk.path)
    let usherd = try await place.start()
    try await place.withShop { shop in
      let user = try await register(shop)
      var charged = try await charge(shop, user)
      for _ in 0..<2 {
        disk.fill()
        var refusals = 0
        // What the log's file has room for already may still be written.
        for _ in 0..<500 where refusals < 5 {
          do {
            charged = try await charge(shop, user)
          } catch let failure as RPCFailure {
            try #require(failure.code == .resourceExhausted, "\(failure)")
            #expect(failure.refusal == "STORE_FULL")
            #expect(failure.trailers[Metadata.Key.retryAfterMs] == "1000")
            refusals += 1
          }
        }
        #expect(refusals == 5)
        #expect(try await balance(shop, user) == charged)
        disk.makeRoom()
        let next = try await charge(shop, user)
        #expect(next == charged + 1)
        charged = next
      }
    }
    usherd.signal(SIGTERM)
    let outcome = try await usherd.outcome()
    #expect(outcome.code == 0)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("event=store_failed what=\"rolledBack(") } == 2)
    #expect(lines.count { $0.hasPrefix("event=store_works after_ms=") } == 2)
    #expect(lines.count { $0.hasSuffix(" failures=5") } == 2)
    try await startsAgain(place)
  }

  private func startsAgain(_ place: DataPlace) async throws {
    let usherd = try await place.start()
    usherd.signal(SIGTERM)
    #expect(try await usherd.outcome().code == 0)
  }

  private static func isTraced(_ program: Program) throws -> Bool {
    let tasks = "/proc/\(program.identifier)/task"
    return try FileManager.default.contentsOfDirectory(atPath: tasks).allSatisfy { task in
      let status = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
      return !status.contains("TracerPid:\t0\n")
    }
  }

  private static let strace = ["/usr/bin/strace", "/bin/strace"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(
    "After a failed sync nothing is promised any more, and usherd ends with its own code",
    .enabled(if: strace != nil, "there is no strace"),
    .disabled(if: Program.isSanitized, "a sanitizer does not run under strace")
  )
  func failedSync() async throws {
    let place = try DataPlace()
    let usherd = try await place.start()
    let tracer = try Program(
      path: try #require(Self.strace),
      [
        "-f", "-q", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO",
        "-p", "\(usherd.identifier)",
      ]
    )
    try await place.withShop { shop in
      try await eventually("every thread is traced") { try Self.isTraced(usherd) }
      do {
        _ = try await register(shop)
        Issue.record("a call was answered whose sync had failed")
      } catch let failure as RPCFailure {
        #expect(failure.isOutcomeUnknown, "\(failure)")
      }
    }
    let outcome = try await usherd.outcome()
    #expect(outcome.code == 5, "\(outcome.errors)")
    #expect(outcome.errors.contains("event=store_failed what=\"lost("))
    #expect(outcome.errors.contains("\nstopping: the store has stopped for good: "))
    tracer.signal(SIGTERM)
    _ = try await tracer.outcome()
    try await startsAgain(place)
  }
}
