internal import Wire

/// What the connections of one loop hold of frames whose end has not come.
///
/// One connection cannot hold more than a frame, nor for long; but ten thousand together could hold
/// more than there is. Who holds most when it becomes too much is ended.
final class IncompleteFrames {
  private struct Holder {
    weak var session: ServerSession?
  }

  private var holders: [ObjectIdentifier: Holder] = [:]
  private var bytes = 0

  /// What `session` holds has changed from `before` to `after` bytes. Answers who has to let go, if
  /// all of them hold more than `bytesMax` now.
  func changed(
    _ session: ServerSession,
    from before: Int,
    to after: Int,
    atMost bytesMax: Int
  ) -> ServerSession? {
    bytes += after - before
    holders[ObjectIdentifier(session)] = after > 0 ? Holder(session: session) : nil
    guard after > before, bytes > bytesMax else { return nil }
    return holders.values.compactMap(\.session).max { $0.incompleteBytes < $1.incompleteBytes }
  }
}

extension ServerSession {
  /// Counts what an incomplete frame holds now, and ends whoever makes it too much.
  func countIncomplete(_ held: Int) {
    let before = incompleteBytes
    incompleteBytes = held
    let greediest = scratch.incomplete.changed(
      self,
      from: before,
      to: held,
      atMost: limits.incompleteBytesMax
    )
    greediest?.giveUpIncomplete()
  }

  private func giveUpIncomplete() {
    dropIncomplete()
    end(.resourceExhausted, "too many frames are incomplete, and most is held by the one here")
  }
}
