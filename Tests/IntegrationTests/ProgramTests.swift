import Foundation
import Glibc
import RPCCore
import SocketSupport
import Testing
import Transport
import UsherAPI
import Wire

@Suite("The programs as they were built", .timeLimit(.minutes(5))) struct ProgramTests {
  @Test("usherd tells its port, serves, and ends with its standard input") func life() async throws
  {
    let usherd = try await Usherd()
    let ready = try await usherd.program.nextRemark()
    #expect(ready?.hasPrefix("event=ready version=") == true)
    #expect(ready?.contains("calls=\(usherd.address) ") == true)
    let health = try await Program.run("usher", "health", usherd.connect)
    #expect(health.code == 0)
    #expect(health.output == "SERVING\n")
    #expect(health.errors == "")
    usherd.program.closeInput()
    let outcome = try await usherd.program.outcome()
    #expect(outcome.code == 0)
    #expect(
      outcome.errors == """
        stopping: standard input was closed; open calls have up to 30s
        stopped: every call had finished

        """
    )
  }

  @Test("Asked to stop, it tells those who watch, and ends", arguments: [SIGTERM, SIGINT])
  func signal(number: Int32) async throws {
    let usherd = try await Usherd()
    let watch = try Program("usher", ["health", "--watch", "--json", usherd.connect])
    #expect(try await watch.nextLine() == #"{"status":"SERVING"}"#)
    usherd.program.signal(number)
    let outcome = try await usherd.program.outcome()
    #expect(outcome.code == 0)
    let name = number == SIGTERM ? "SIGTERM" : "SIGINT"
    #expect(outcome.errors.contains("stopping: \(name); open calls have up to 30s"))
    let watched = try await watch.outcome()
    #expect(watched.code == 5)
    #expect(watched.output == #"{"status":"NOT_SERVING"}"# + "\n")
  }

  @Test(
    "Asked twice, it leaves at once",
    .enabled(if: !Program.isSanitized, "slow as it is, the first asking is done with by then")
  )
  func twice() async throws {
    let usherd = try await Usherd()
    // A peer that takes no answers, so that the connection cannot be closed in order.
    let peer = try RawPeer(to: usherd.address)
    var check = HealthCheckRequest()
    check.service = String(repeating: "x", count: 60_000)
    var id: UInt32 = 0
    var sent = 0
    var unsent: ArraySlice<UInt8> = []
    repeat {
      if unsent.isEmpty {
        id += 1
        unsent = bytes(open(id, HealthMethods.check), check)[...]
      }
      sent = peer.sendUntilFull(Array(unsent))
      unsent = unsent.dropFirst(sent)
      // Only a server that waits for its peer takes nothing for so long; a busy machine pauses it too.
      if sent == 0, try await !peer.canSend(withinMs: 1_500) { break }
    } while true
    usherd.program.signal(SIGINT)
    // Before that it says that it is ready, and which calls failed.
    var remark: String?
    repeat {
      remark = try await usherd.program.nextRemark()
    } while remark?.hasPrefix("event=") == true
    #expect(remark?.hasPrefix("stopping: SIGINT") == true)
    usherd.program.signal(SIGINT)
    let outcome = try await usherd.program.outcome()
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("stopped: asked twice; what was still open was cut off\n"))
  }

  @Test("On a unix socket it serves, and takes the socket's name away") func unix() async throws {
    let path = socketPath()
    let address = "unix:\(path)"
    let first = try Program("usherd", ["--listen", address])
    #expect(try await first.nextRemark()?.contains("calls=\(address) ") == true)
    let health = try await Program.run("usher", "health", environment: ["USHER_CONNECT": address])
    #expect(health.code == 0)
    // The name that a killed server leaves behind is no hindrance to the next.
    first.signal(SIGKILL)
    _ = try await first.outcome()
    #expect(FileManager.default.fileExists(atPath: path))
    let second = try Program("usherd", ["--listen", address])
    #expect(try await second.nextRemark()?.contains("calls=\(address) ") == true)
    let third = try await Program.run("usherd", "--listen", address)
    #expect(third.code == 1)
    #expect(
      third.errors == """
        usherd: cannot listen on \(address): Address already in use
          hint:   stop what listens there, or choose another address with --listen.

        """
    )
    let lost = try await Program.run("usherd", "--listen", "\(address).d/usher.sock")
    #expect(lost.code == 1)
    #expect(lost.errors.contains("hint:   make the socket's directory first, or "))
    second.signal(SIGTERM)
    #expect(try await second.outcome().code == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("What cannot be is told with its place, and nothing is started")
  func configuration() async throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("usher-\(UUID().uuidString).conf")
    try "listen = 127.0.0.1:0\nconection_max = 5\n".write(
      to: file,
      atomically: true,
      encoding: .utf8
    )
    let refused = try await Program.run("usherd", "--config", file.path, "--drain", "soon")
    #expect(refused.code == 2)
    #expect(
      refused.errors == """
        usherd: --drain: soon: a duration is a number with its unit: 250ms, 30s, 5m, 1h
        usherd: \(file.path):2:1: unknown key "conection_max"; a similar key exists: connections_max
        usherd: 2 mistakes; nothing was started; see usherd --help

        """
    )
    try "listen = 127.0.0.1:0\n".write(to: file, atomically: true, encoding: .utf8)
    let good = try await Program.run("usherd", "--config", file.path, "--check-config")
    #expect(good.code == 0)
    #expect(good.output == "the configuration is good\n")
    try FileManager.default.removeItem(at: file)
    let missing = try await Program.run("usherd", "--config", file.path)
    #expect(missing.code == 2)
    #expect(missing.errors.hasPrefix("usherd: cannot read the configuration file \(file.path)\n"))
  }

  @Test("Each way to end has its exit code")
  func exitCodes() async throws {
    let usherd = try await Usherd()
    #expect(try await Program.run("usherd", "--version").code == 0)
    #expect(try await Program.run("usherd", "--help").code == 0)
    #expect(try await Program.run("usherd", "--lisen=x").code == 2)
    #expect(try await Program.run("usherd", "--listen=0.0.0.0:1").code == 2)
    #expect(try await Program.run("usherd", "--listen=\(usherd.address)").code == 1)
    #expect(try await Program.run("usher", "--version").code == 0)
    #expect(try await Program.run("usher").code == 2)
    #expect(try await Program.run("usher", "helth").code == 2)
    #expect(try await Program.run("usher", "health", "nobody", usherd.connect).code == 69)
    usherd.program.closeInput()
    #expect(try await usherd.program.outcome().code == 0)
    #expect(try await Program.run("usher", "health", usherd.connect).code == 3)
  }
}
