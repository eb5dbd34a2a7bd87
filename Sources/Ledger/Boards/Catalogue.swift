internal import Domain

/// Concerts and dates, as they were last said to be.
struct Catalogue {
  private var concerts: [ConcertID: Concert] = [:]
  private var dates: [DateID: ConcertDate] = [:]
  private var datesOfConcert: [ConcertID: Set<DateID>] = [:]
  /// Living concerts in the order of their ids, which is that of their making.
  private var order: [ConcertID] = []

  mutating func put(_ concert: Concert) {
    concerts[concert.id] = concert
    let place = order.partitioningIndex { $0 >= concert.id }
    let isListed = place < order.count && order[place] == concert.id
    if concert.deleted == nil, !isListed { order.insert(concert.id, at: place) }
    if concert.deleted != nil, isListed { order.remove(at: place) }
  }

  mutating func put(_ date: ConcertDate) {
    dates[date.id] = date
    datesOfConcert[date.concert, default: []].insert(date.id)
  }

  /// A concert that has not been deleted.
  func concert(_ id: ConcertID) -> Concert? {
    concerts[id].flatMap { $0.deleted == nil ? $0 : nil }
  }

  /// A date that has not been cancelled.
  func date(_ id: DateID) -> ConcertDate? {
    dates[id].flatMap { $0.deleted == nil ? $0 : nil }
  }

  /// Living concerts after `id`, in order.
  func concerts(after id: ConcertID?, max: Int) -> [Concert] {
    let start = id.map { id in order.partitioningIndex { $0 > id } } ?? 0
    return order[start...].prefix(max).compactMap { concerts[$0] }
  }

  /// Dates that a gate guards and that can be booked at `now`; nil where it guards no concert.
  func bookable(behind gate: String, at now: Instant) -> [DateID]? {
    let guarded = order.filter { concerts[$0]?.gate == gate }
    guard !guarded.isEmpty else { return nil }
    return guarded.flatMap { bookable(of: $0, at: now).map(\.id) }
  }

  /// Dates of a concert that can be booked at `now`, those first that open first.
  func bookable(of concert: ConcertID, at now: Instant) -> [ConcertDate] {
    (datesOfConcert[concert] ?? []).compactMap { date($0) }
      .filter { $0.isBookable(at: now) }
      .sorted { ($0.opens, $0.id) < ($1.opens, $1.id) }
  }
}
