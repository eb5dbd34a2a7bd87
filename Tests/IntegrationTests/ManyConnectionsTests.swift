import Foundation
import Glibc
import RPCCore
import SocketSupport
import Testing
import Transport
import UsherAPI
import Wire

/// Ten thousand connections take ten thousand files on each side, so the server has its own process.
@Suite("Ten thousand connections", .timeLimit(.minutes(5))) struct ManyConnectionsTests {
  private static let count = 10_000
  private static let filesNeeded = count + 500

  private static let filesMax: Int = {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: limit.rlim_max)
  }()

  private static func raiseLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  @Test(
    "All are answered at once, and afterwards nothing of them is left",
    .enabled(
      if: filesMax >= filesNeeded,
      "this system allows \(filesMax) files a process, and \(filesNeeded) are needed"
    ),
    .disabled(if: Program.isSanitized, "under a sanitizer this takes minutes")
  )
  func tenThousand() async throws {
    Self.raiseLimit()
    let usherd = try await Usherd("--loops", "2")
    let socketsBefore = try sockets(of: usherd)
    var memory: [Int] = []
    for _ in 0..<3 {
      let peers = try (0..<Self.count).map { _ in try RawPeer(to: usherd.address) }
      let call = bytes(open(1, HealthMethods.check), HealthCheckRequest())
      for peer in peers { try peer.send(call) }
      let serving = HealthCheckResponse(status: .serving).encoded()
      let answered = try await onThread {
        try peers.count {
          guard try $0.takeFrame()?.kind == .settings, let close = try $0.takeFrame() else {
            return false
          }
          return close.kind == .close && close.message == serving
        }
      }
      #expect(answered == Self.count)
      #expect(try sockets(of: usherd) >= socketsBefore + Self.count)
      for peer in peers { peer.close() }
      try await eventually("every connection is closed") {
        try sockets(of: usherd) == socketsBefore
      }
      memory.append(try residentKilobytes(of: usherd))
    }
    usherd.program.closeInput()
    #expect(try await usherd.program.outcome().code == 0)
    // What the first wave needed is there for those that follow. A leak of 1 KiB a connection would
    // be 20 MiB more by now; less than that is how the system's allocator happens to lay things out.
    #expect(memory[2] < memory[0] + 16 << 10, "resident kilobytes after each wave: \(memory)")
  }

  /// Its store opens files whenever it has to, so only sockets count.
  private func sockets(of usherd: Usherd) throws -> Int {
    let folder = "/proc/\(usherd.program.identifier)/fd"
    return try FileManager.default.contentsOfDirectory(atPath: folder).count { name in
      // One that was closed since it was listed is none.
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
      return target?.hasPrefix("socket:") == true
    }
  }

  private func residentKilobytes(of usherd: Usherd) throws -> Int {
    let status = try String(
      contentsOfFile: "/proc/\(usherd.program.identifier)/status",
      encoding: .utf8
    )
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return try #require(line.flatMap { Int($0.filter(\.isNumber)) })
  }
}
