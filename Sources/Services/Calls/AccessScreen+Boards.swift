package import Access
package import Ledger

extension AccessScreen {
  /// A screen that knows the ring's keys, and of time and gates what the boards know.
  package init(ring: KeyRing, boards: Boards) {
    self.init(
      ring: ring,
      now: { boards.time.now },
      epoch: { boards.epoch(of: $0) },
      mayLack: { boards.mayLack(whatWasCommittedBy: $0) }
    )
  }
}
