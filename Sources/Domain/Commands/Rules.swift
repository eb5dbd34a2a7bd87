/// What one installation allows, beside what concerts and gates say for themselves.
package struct Rules: Sendable, Hashable {
  /// How long a hold lasts where its concert does not say.
  package var holdMilliseconds: Int64 = 300_000
  /// The longest hold that a concert may ask for.
  package var holdMillisecondsMax: Int64 = 86_400_000
  /// Seats that one call may hold or pay.
  package var seatsPerCallMax = 50
  /// Seats that one ticket may hold at once.
  package var seatsPerTicketMax = 200
  /// Seats of a date that does not say.
  package var seatsPerDate: UInt32 = 50
  /// Seats that a date may have.
  package var seatsPerDateMax: UInt32 = 1_000_000
  /// For how long the same key gives the same answer.
  package var repeatMilliseconds: Int64 = 86_400_000

  /// How long before a gate opens places are given.
  package var gatheringMilliseconds: Int64 = 2_592_000_000
  /// The longest interval that a rate may count in.
  package var rateMillisecondsMax: Int64 = 3_600_000
  /// The longest time that a gate may give for anything.
  package var gateMillisecondsMax: Int64 = 86_400_000
  /// People whom one batch lets in through one gate; the next batch goes on.
  package var admissionsPerBatchMax = 1_024

  package static let defaults = Rules()

  package init() {}
}
