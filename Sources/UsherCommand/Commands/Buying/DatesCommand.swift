internal import Arguments
internal import Spelling
internal import UsherAPI
internal import UsherClient

extension Command {
  static let dates = Command(
    name: "dates",
    summary: "Lists the dates of a concert that can be booked now.",
    parameters: "CONCERT",
    examples: ["usher dates \"Spring in the Round\"", "usher dates Spring --json"],
    notes: [
      "CONCERT is an id, a name, or the beginning of one. The commands that follow take a date by its",
      "number here. What a gate guards takes usher enter first. Needs app.key.",
    ],
    wordsMax: 1
  ) { invocation in
    let word = try invocation.onlyWord("a concert")
    return try await invocation.buying { buyer in
      let concert = try await buyer.usher.concert(word, try buyer.options())
      let listed = try await buyer.usher.concerts.listDates(
        ListDatesRequest(concertID: concert),
        options: try buyer.options(.entry)
      )
      try buyer.keep { $0.dates = listed.dates.map(\.id) }
      var table = Table("DATE", "OPENS", "FREE", "HELD", "SOLD", "PRICE", "ID")
      for (index, date) in listed.dates.enumerated() {
        table.add(
          "\(index + 1)",
          Moments.stamp(date.opensMs),
          date.seatsFree.grouped,
          date.seatsHeld.grouped,
          date.seatsSold.grouped,
          date.priceLow == date.priceHigh
            ? "\(date.priceLow)" : "\(date.priceLow)-\(date.priceHigh)",
          date.id
        )
      }
      try invocation.answer(listed, table.lines(toTerminal: invocation.console.answersToTerminal))
      return .done
    }
  }

  static let seats = Command(
    name: "seats",
    summary: "Shows the free seats of a date, or with --all every seat, as a map.",
    parameters: "DATE",
    examples: ["usher seats 1", "usher seats 1 --all"],
    flags: [Flag("all", isSetting: false, help: "those held and sold too, each with its own sign")],
    notes: [
      "DATE is an id, or the number that usher dates gave it. In a pipe it is a line a seat: its",
      "number, its price, its state. Needs app.key.",
    ],
    wordsMax: 1
  ) { invocation in
    let word = try invocation.onlyWord("a date")
    return try await invocation.buying { buyer in
      let listed = try await buyer.usher.concerts.listSeats(
        ListSeatsRequest(dateID: try buyer.date(word), all: invocation.flags.has("all")),
        options: try buyer.options(.entry)
      )
      let map = SeatMap(seats: listed.seats, isWhole: invocation.flags.has("all"))
      try invocation.answer(
        listed,
        invocation.console.answersToTerminal ? map.lines : map.records
      )
      return .done
    }
  }
}
