internal import Arguments
internal import Glibc
internal import RPCCore
internal import Transport
internal import Wire

/// Plays the crowd of the gates bench, as a program that is told what to do line by line.
///
///     gates-bench ADDRESS DATA
///
/// Each line is answered with one of JSON: `crowd PEOPLE` registers people, `enter SECONDS` has them
/// take places, `fill PLACES LEAVERS` makes a long line, `handover SECONDS RATE` times a place that is
/// freed until the next person is told, `watch WATCHERS RATE` has many watch a line that moves,
/// `poll PEOPLE` has many ask after their place, `count SECONDS` counts what they are told, `token` gives a place's token.
@main
enum Main {
  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 3 else {
      Console.standard.remark("gates-bench ADDRESS DATA")
      exit(2)
    }
    var limits = ClientLimits.defaults
    limits.connectionsPerAddress = Crowd.connections
    limits.waitingCallsMax = 200_000
    let address = try SocketAddress(parsing: words[1])
    try await withClient(to: [address], limits: limits) { client in
      var crowd = try await Crowd(client, data: words[2])
      Console.standard.answer("{}")
      while let line = readLine() {
        let words = line.split(separator: " ").map(String.init)
        Console.standard.answer(try await answer(words, &crowd))
      }
    }
  }

  private static func answer(_ words: [String], _ crowd: inout Crowd) async throws -> String {
    let amounts = words.dropFirst().compactMap(Double.init)
    switch (words.first, amounts.count) {
    case ("crowd", 1):
      try await crowd.register(Int(amounts[0]))
      return "{}"
    case ("enter", 1): return try await crowd.enter(for: .seconds(amounts[0]))
    case ("fill", 2):
      return try await crowd.fill(Int(amounts[0]), leaving: Int(amounts[1]))
    case ("handover", 2):
      return try await crowd.handOver(for: .seconds(amounts[0]), besides: amounts[1])
    case ("watch", 2): return try await crowd.watch(Int(amounts[0]), moving: UInt32(amounts[1]))
    case ("poll", 1): return try await crowd.poll(Int(amounts[0]))
    case ("count", 1): return try await crowd.count(for: .seconds(amounts[0]))
    case ("token", 0): return try crowd.placeToken()
    default: throw RPCFailure(.invalidArgument, "no such order: \(words)")
    }
  }
}
