internal import Foundation
internal import Transport
internal import UsherAPI

/// What the server says once it is ready: one block for a person, one line for a machine.
struct Announcement {
  let daemon: Daemon
  let milliseconds: Int

  private var calls: [String] { daemon.addresses.map(\.description) }
  private var found: String { daemon.store.isNew ? "created" : "opened" }

  var line: String {
    "event=ready version=\(Version.number) calls=\(calls.joined(separator: ",")) "
      + "store=\(daemon.store.address) store_was=\(found) log=\(daemon.events) "
      + "connections_max=\(daemon.connectionsMax) loops=\(daemon.loopCount) "
      + "receipts=\(daemon.receiptKey ?? "none") start_ms=\(milliseconds)"
  }

  var block: [String] {
    var lines = [
      "usherd \(Version.number) ready in \(milliseconds) ms",
      "  calls     \(calls.joined(separator: "  "))",
      "  store     \(daemon.store.address)     \(found), event \(daemon.events)",
      "  keys      \(daemon.keyFiles.joined(separator: "  "))   readable by you only",
      "  receipts  \(daemon.receiptKey ?? "none yet: the store takes no key")",
      "  limits    \(daemon.connectionsMax) connections · \(daemon.loopCount) event loops",
    ]
    if daemon.demoConcert != nil {
      lines.append(
        "  demo      one concert behind gate demo, three dates of 50 seats"
      )
    }
    lines += ["", "  next      \(next)       stop: Ctrl-C"]
    return lines
  }

  /// What to type next, wherever it listens and keeps its keys.
  private var next: String {
    guard daemon.demoConcert != nil else { return "usher health\(place)" }
    return "usher enter demo --name Ada --wait\(place)\(keys)"
  }

  private var place: String {
    guard let first = calls.first, !calls.contains("127.0.0.1:7411") else { return "" }
    return " --connect \(first)"
  }

  /// The command line finds keys in .usher by itself, and a demonstration's where there are none.
  private var keys: String {
    let directory = daemon.dataDirectory
    let isFound =
      directory == ".usher"
      || directory == ".usher/demo" && !FileManager.default.fileExists(atPath: ".usher/app.key")
    return isFound ? "" : " --data \(directory)"
  }
}
