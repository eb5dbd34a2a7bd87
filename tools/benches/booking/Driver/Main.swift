internal import Arguments
internal import Glibc
internal import RPCCore
internal import Transport
internal import Wire

/// Plays the buyers of the booking bench, as a program that is told what to do line by line.
///
///     booking-bench ADDRESS DATA DATES SEATS-PER-DATE USERS
///
/// It makes a concert with its dates and users, says so, and then answers each line with one of JSON:
/// `holds SECONDS`, `journeys SECONDS`, `alone SECONDS FILE`, `rush`, `fill DATES`, `users COUNT`.
@main
enum Main {
  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 6, let dates = Int(words[3]), let seats = UInt32(words[4]),
      let users = Int(words[5])
    else {
      Console.standard.remark("booking-bench ADDRESS DATA DATES SEATS-PER-DATE USERS")
      exit(2)
    }
    var limits = ClientLimits.defaults
    limits.connectionsPerAddress = Buyers.connections
    limits.waitingCallsMax = 20_000
    let address = try SocketAddress(parsing: words[1])
    try await withClient(to: [address], limits: limits) { client in
      let hall = try await Hall(
        client,
        data: words[2],
        dates: dates,
        seatsPerDate: seats,
        users: users
      )
      let buyers = Buyers(client: client, hall: hall)
      Console.standard.answer(hall.report)
      while let line = readLine() {
        let words = line.split(separator: " ").map(String.init)
        Console.standard.answer(try await answer(words, buyers))
      }
    }
  }

  private static func answer(_ words: [String], _ buyers: Buyers) async throws -> String {
    let amount = words.count > 1 ? Double(words[1]) ?? 0 : 0
    switch words.first {
    case "holds": return try await buyers.hold(for: .seconds(amount))
    case "journeys": return try await buyers.travel(for: .seconds(amount))
    case "alone" where words.count > 2:
      return try await buyers.holdAlone(for: .seconds(amount), besides: words[2])
    case "rush": return try await buyers.rush()
    case "fill": return try await buyers.fill(dates: Int(amount))
    case "users":
      try await buyers.hall.register(Int(amount))
      return "{}"
    default: throw RPCFailure(.invalidArgument, "no such order: \(words)")
    }
  }
}
