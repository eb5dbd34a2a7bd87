package import Access
package import RPCCore

extension Counter {
  /// Every service of the API, behind this counter.
  package func services(keys: KeyRing, facts: ServerFacts) -> [any RPCService] {
    [
      Users(self, keys: keys), Gates(self, keys: keys), Concerts(self),
      Reservations(self, keys: keys), Wallets(self), Payments(self), Events(self),
      OperatorDesk(self, keys: keys, facts: facts),
    ]
  }
}
