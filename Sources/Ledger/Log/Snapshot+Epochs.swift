extension Snapshot {
  /// The last offset that this log has in common with one that went on in `epoch`: that of its last
  /// event of that epoch or an earlier one, for what came after was said in another life. 0 where this
  /// log has not come to that epoch, so that nothing is known to be common.
  ///
  /// Every event says its epoch, and those never go back: the log is its own history of them.
  package func lastCommonOffset(
    with epoch: UInt64,
    by coder: any EventCoder
  ) throws(StoreFailure) -> UInt64 {
    guard epoch <= head.epoch else { return 0 }
    var firstAfter = head.offset + 1
    var low: UInt64 = 1
    while low < firstAfter {
      let middle = low + (firstAfter - low) / 2
      guard let event = try log(from: middle, max: 1).first.flatMap(coder.decode) else {
        throw .lost("event \(middle) of the log cannot be read")
      }
      if event.epoch > epoch { firstAfter = middle } else { low = middle + 1 }
    }
    return firstAfter - 1
  }
}
