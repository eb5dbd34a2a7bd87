internal import Crypto
package import Domain
package import Ledger
internal import Synchronization
internal import Threads

/// The keys of this installation, as the store has them: who may call, and what tokens are signed
/// with. For any thread.
package final class KeyRing: Sendable {
  /// How long a new signing key is known before it signs, so that every instance knows it by then.
  package static let publishMilliseconds: Int64 = 10_000
  /// How often the store is asked for news; well within the time above.
  package static let reloadInterval = Duration.seconds(2)

  /// How long tokens last.
  package struct Lifetimes: Sendable, Hashable {
    /// A user's token, where nobody says.
    package var userMilliseconds: Int64 = 86_400_000
    /// The longest that any token may last: so long does an old key go on verifying.
    package var millisecondsMax: Int64 = 7 * 86_400_000

    package static let defaults = Lifetimes()

    package init() {}
  }

  package let lifetimes: Lifetimes
  private let state = Guarded(State())
  /// The current set's, to be asked without the lock.
  private let currentGeneration = Atomic(0)

  private struct State {
    var keys = KeySet.empty
    var head: Head?
  }

  /// A ring without keys: nobody may call but where all may.
  package init(lifetimes: Lifetimes = .defaults) {
    self.lifetimes = lifetimes
  }

  var keys: KeySet { state.withLock { $0.keys } }
  /// Another number whenever the keys have changed.
  var generation: Int { currentGeneration.load(ordering: .acquiring) }
}

extension KeyRing {
  /// What a key was called when it was made.
  package func name(of key: AppKeyID) -> String? {
    keys.apps.first { $0.id == key }?.name
  }
}

// MARK: - Tokens

extension KeyRing {
  /// What makes tokens now; nil where no key signs yet.
  package func mint(at now: Instant) -> TokenMint? {
    keys.signer(at: now).map { TokenMint(key: $0) }
  }

  /// What tokens that are shown now are checked with.
  package func check(at now: Instant) -> TokenCheck {
    let keys = keys
    return TokenCheck { keys.verifier($0, at: now) }
  }

  /// A token that lets `user` call for themselves, and when it is over; nil where no key signs yet.
  /// It lasts as long as is asked for, within ``Lifetimes/millisecondsMax``; 0 asks for the default.
  package func mintUserToken(
    for user: UserID,
    lasting milliseconds: Int64 = 0,
    at now: Instant
  ) -> (text: String, expires: Instant)? {
    guard let mint = mint(at: now) else { return nil }
    let asked = milliseconds > 0 ? milliseconds : lifetimes.userMilliseconds
    let expires = now.after(milliseconds: min(asked, lifetimes.millisecondsMax))
    return (mint.mint(UserToken(user: user, issued: now, expires: expires)), expires)
  }
}

// MARK: - Loading

extension KeyRing {
  /// Takes the store's keys as they are now. After a command that changes keys this is what makes the
  /// change felt here.
  package func load(from reader: some StoreReader) async throws(StoreFailure) {
    let found = try await reader.read { snapshot throws(StoreFailure) in
      Found(
        head: snapshot.head,
        signing: try snapshot.all(SigningKey.self),
        apps: try snapshot.all(AppKey.self)
      )
    }
    take(found)
  }

  /// Loads again and again, until its task is cancelled. While the store cannot be read the keys
  /// stay as they were.
  package func stayCurrent(
    with reader: some StoreReader,
    every interval: Duration = KeyRing.reloadInterval,
    clock: some Clock<Duration> = ContinuousClock()
  ) async {
    while !Task.isCancelled {
      do throws(StoreFailure) {
        try await load(from: reader)
      } catch {
        // The store's failures are told by those who need it; here there is a next time.
      }
      do {
        try await clock.sleep(for: interval)
      } catch {
        return
      }
    }
  }

  private struct Found: Sendable {
    let head: Head
    let signing: [SigningKey]
    let apps: [AppKey]
  }

  /// An older state than the last is nothing new: it was only longer on its way.
  private func take(_ found: Found) {
    state.withLock { state in
      if let head = state.head, (found.head.epoch, found.head.batch) < (head.epoch, head.batch) {
        return
      }
      state.head = found.head
      guard found.signing != state.keys.signing || found.apps != state.keys.apps else { return }
      state.keys = KeySet(
        generation: state.keys.generation + 1,
        signing: found.signing,
        apps: found.apps,
        lifetimeMax: lifetimes.millisecondsMax,
        reusing: state.keys
      )
      currentGeneration.store(state.keys.generation, ordering: .releasing)
    }
  }
}
