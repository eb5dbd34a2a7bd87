import Glibc
import StorePostgres

/// Times batches of holds on a store alone: no ledger, no decisions.
@main
enum PostgresBench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let holds = Int(arguments[2]), let seconds = Int64(arguments[3])
    else {
      print("usage: postgres-bench URL HOLDS-PER-BATCH SECONDS")
      exit(2)
    }
    let store = try PostgresStore(PostgresSettings(url: arguments[1]))
    var bench = HoldBench(store: store, holdsPerBatch: holds)
    try await bench.prepare()
    try await bench.run(nanoseconds: seconds * 1_000_000_000)
    bench.report()
    await store.close()
  }
}
