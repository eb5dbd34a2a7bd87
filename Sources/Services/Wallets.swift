internal import Access
internal import Domain
internal import Ledger
package import RPCCore
package import UsherAPI

/// `usher.v1.WalletService`.
package struct Wallets: WalletService {
  private let counter: Counter

  package init(_ counter: Counter) {
    self.counter = counter
  }

  package func charge(
    _ request: ChargeRequest,
    context: CallContext
  ) async throws -> Reply<ChargeResponse> {
    guard request.amount > 0 else { throw invalid("amount", "must be above 0") }
    let command = Charge(
      user: try context.actingUser(),
      amount: request.amount,
      description: try request.description.checked(
        "description",
        atMost: Limit.descriptionBytes,
        mayBeEmpty: true
      )
    )
    let done = try await counter.submit(command, for: request, context)
    let response = ChargeResponse(
      entry: UsherAPI.Entry(done.outcome),
      balance: done.outcome.balance
    )
    return counter.reply(response, after: done)
  }

  package func getBalance(
    _ request: GetBalanceRequest,
    context: CallContext
  ) async throws -> Reply<GetBalanceResponse> {
    let user = try context.actingUser()
    let balance: Int64? = try await counter.look(context) { snapshot throws(StoreFailure) in
      if let wallet: Domain.Wallet = try snapshot.row(user) { return wallet.balance }
      // Whoever was never charged has no wallet; whoever was never registered has no balance.
      let owner: Domain.User? = try snapshot.row(user)
      return owner == nil ? nil : 0
    }
    guard let balance else { throw RPCFailure(.userNotFound, "there is no user \(user)") }
    return Reply(GetBalanceResponse(balance: balance))
  }

  package func listEntries(
    _ request: ListEntriesRequest,
    context: CallContext
  ) async throws -> Reply<ListEntriesResponse> {
    let user = try context.actingUser()
    let page = try Page<Domain.Entry>(size: request.pageSize, token: request.pageToken)
    let (entries, next) = try await counter.list(page, of: user, context) { entry, _ in
      UsherAPI.Entry(entry)
    }
    return Reply(ListEntriesResponse(entries: entries, nextPageToken: next))
  }
}
