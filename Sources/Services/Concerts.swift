internal import Domain
package import Ledger
package import RPCCore
package import UsherAPI
internal import Wire

/// `usher.v1.ConcertService`, all of it from the boards.
package struct Concerts: ConcertService {
  private let counter: Counter

  package init(_ counter: Counter) {
    self.counter = counter
  }

  package func listConcerts(
    _ request: ListConcertsRequest,
    context: CallContext
  ) throws -> Reply<ListConcertsResponse> {
    let page = try Page<Domain.Concert>(size: request.pageSize, token: request.pageToken)
    let boards = try counter.boards(for: context)
    let concerts = boards.concerts(after: page.last, max: page.size + 1)
    let (shown, next) = page.cut(concerts, id: \.id)
    return Reply(
      ListConcertsResponse(concerts: shown.map(UsherAPI.Concert.init), nextPageToken: next)
    )
  }

  package func listDates(
    _ request: ListDatesRequest,
    context: CallContext
  ) throws -> Reply<ListDatesResponse> {
    let id = try ConcertID(field: "concert_id", request.concertID)
    let boards = try counter.boards(for: context)
    let offset = boards.at.offset
    guard let concert = boards.concert(id) else {
      throw RPCFailure(.concertNotFound, "there is no concert \(id)")
    }
    try context.checkEntry(to: concert, boards)
    let dates = boards.bookable(of: id)
    guard !dates.isEmpty else {
      throw RPCFailure(.nothingBookable, "concert \(id) has no date that can be booked now")
    }
    return Reply(
      ListDatesResponse(
        dates: dates.map { UsherAPI.ConcertDate($0.date, seats: $0.seats) },
        offset: offset
      )
    )
  }

  package func listSeats(
    _ request: ListSeatsRequest,
    context: CallContext
  ) throws -> Reply<ListSeatsResponse> {
    let id = try DateID(field: "date_id", request.dateID)
    let boards = try counter.boards(for: context)
    // Read before the list, so that what the offset promises is in it.
    let offset = boards.at.offset
    guard let date = boards.date(id), let concert = boards.concert(date.concert) else {
      throw RPCFailure(.dateNotFound, "there is no date \(id)")
    }
    try context.checkEntry(to: concert, boards)
    guard let seats = boards.list(of: id, all: request.all) else {
      throw RPCFailure(.nothingBookable, "date \(id) has no free seat now")
    }
    return Reply(encoded: seats + ListSeatsResponse(offset: offset).encoded())
  }

  /// The seats of a list, as the response has them. What follows it in a response is appended, since
  /// a message's bytes one after the other are that message with the fields of both.
  package static func encode(_ seats: [SeatView]) -> [UInt8] {
    ListSeatsResponse(seats: seats.map(UsherAPI.Seat.init)).encoded()
  }
}
