internal import Arguments
internal import Foundation
internal import RPCCore
internal import Spelling
internal import UsherAPI

extension Command {
  static let dateAdd = Command(
    name: "date add",
    summary: "Adds a date to a concert, with its seats and what they cost.",
    parameters: "CONCERT",
    examples: [
      "usher date add Spring --opens 2026-12-24T19:00:00Z --seats 50 --price 4500",
      "usher date add Spring --opens +720h --price 4500 --seat-price 1-10=9000",
    ],
    flags: [
      Flag("opens", "TIME", isSetting: false, help: "when the doors open"),
      Flag("closes", "TIME", isSetting: false, help: "when it is over (2h after it opens)"),
      Flag("booking-from", "TIME", isSetting: false, help: "when booking starts (now)"),
      Flag("booking-until", "TIME", isSetting: false, help: "when it ends (as the doors open)"),
      Flag("seats", "N", isSetting: false, help: "how many (50)"),
      Flag("price", "N", isSetting: false, help: "of a seat, in the smallest unit of money"),
      Flag(
        "seat-price",
        "FROM-TO=N",
        mayRepeat: true,
        isSetting: false,
        help: "where seats differ"
      ),
      .key,
    ],
    notes: [
      "CONCERT is an id, a name, or the beginning of one. Times are 2026-12-01T10:00:00Z, or +90m.",
      "Needs operator.key, and app.key for a concert that goes by its name.",
    ],
    wordsMax: 1
  ) { invocation in
    try await invocation.addDate()
  }
}

extension Invocation {
  fileprivate func addDate() async throws -> ExitCode {
    let word = try onlyWord("a concert")
    guard let opens = try flags.moment("opens") else {
      throw UsageError("--opens is missing: when is it?", hint: "usage: \(command.help.usage)")
    }
    guard let price = try flags.number("price", of: Int64.self) else {
      throw UsageError("--price is missing: what does a seat cost? 0 is a price as well")
    }
    var request = AddDateRequest(
      opensMs: opens,
      closesMs: try flags.moment("closes") ?? opens + 7_200_000,
      bookingStartsMs: try flags.moment("booking-from")
        ?? Int64(Date().timeIntervalSince1970 * 1_000),
      bookingEndsMs: try flags.moment("booking-until") ?? opens,
      seats: try flags.number("seats", of: UInt32.self) ?? 0,
      price: price,
      prices: try (flags.values["seat-price"] ?? []).map(Self.prices)
    )
    let date = try await operating { session in
      let asApp = CallOptions(timeout: timeout, metadata: try keys.metadata(of: .app))
      request.concertID =
        word.count == 36 ? word : try await session.usher.concert(word, asApp)
      return try await session.desk.addDate(request, options: session.changing)
    }
    try answer(
      date,
      [
        "\(date.seatsTotal.of("seat")) · opens \(Moments.text(date.opensMs)) · \(date.priceText)"
          + " · \(date.id)",
        "  next: usher dates \(date.concertID)",
      ]
    )
    return .done
  }

  private static func prices(_ text: String) throws -> SeatPrices {
    let parts = text.split(whereSeparator: { $0 == "=" || $0 == "-" })
    guard parts.count == 3, let from = UInt32(parts[0]), let to = UInt32(parts[1]),
      let price = Int64(parts[2])
    else { throw UsageError("--seat-price: \(text): FROM-TO=N goes here, such as 1-10=9000") }
    return SeatPrices(from: from, to: to, price: price)
  }
}

extension ConcertDate {
  /// What its seats cost.
  var priceText: String {
    priceLow == priceHigh ? "\(priceLow) each" : "\(priceLow) to \(priceHigh) each"
  }
}
