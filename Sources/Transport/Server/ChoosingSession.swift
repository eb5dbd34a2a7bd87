internal import RPCCore

/// Waits for a connection's first byte, and lets the protocol that it means take over.
///
/// A client of the first protocol offered may wait to be greeted before it says anything; so that one
/// takes over when nothing comes for a moment.
final class ChoosingSession: Session {
  var output: OutputBuffer?

  private let offers: [ProtocolOffer]
  private let scratch: Scratch
  private let patience: Duration
  private weak var connection: Connection?

  init(among offers: [ProtocolOffer], scratch: Scratch, patience: Duration) {
    self.offers = offers
    self.scratch = scratch
    self.patience = patience
  }

  func opened(on link: any Link) {
    connection = link as? Connection
    link.wake(at: link.loop.now + patience)
  }

  func received(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    choose(offers.first { $0.begins(first) } ?? offers[0])?.received(bytes)
  }

  func woke() { _ = choose(offers[0]) }

  func receivedEnd() { connection?.close() }
  func wrote() {}
  func lost(_ reason: String?) {}
  func drain(_ reason: String) { connection?.close() }
  func cut(_ reason: String) { connection?.close() }

  private func choose(_ offer: ProtocolOffer) -> (any Session)? {
    guard let connection else { return nil }
    let session = offer.makeSession(connection.loop, scratch)
    connection.become(session)
    return session
  }
}
