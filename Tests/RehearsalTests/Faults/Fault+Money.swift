import RPCCore
import Threads
import UsherAPI
import Wire

// MARK: - Money

extension Fault {
  static let ofMoney = [
    Fault(
      "the money of one payment moves twice",
      breaks: ["money-not-once"],
      says: "moved 2 times"
    ) { tampering in
      // The entry of another payment is said to be of this one.
      let (one, other) = (Chosen<String>(), Chosen<String>(after: 1))
      @Sendable func told(_ moved: WalletMoved) -> WalletMoved {
        guard let entry = moved.entry, entry.kind == .payment else { return moved }
        var moved = moved
        _ = one.isIt(entry.reference)
        if other.isIt(entry.reference) { moved.entry?.reference = one.value ?? "" }
        return moved
      }
      tampering.event = { event in
        guard case .walletMoved(let moved) = event.what else { return [event] }
        return [event.saying(.walletMoved(told(moved)))]
      }
      tampering.row = { table, row in
        table == "entries" ? told(try WalletMoved(decoding: row)).encoded() : row
      }
    },
    Fault(
      "a charge is made twice",
      breaks: ["changes-untold"],
      says: "was never told of entry "
    ) { tampering in
      let chosen = Chosen<String>()
      tampering.answer(WalletMethods.charge) {
        (request: ChargeRequest, context, really) -> ChargeResponse in
        let key = context.metadata[Metadata.Key.idempotencyKey] ?? ""
        guard chosen.isIt(key) else { return try await really(request, context) }
        _ = try await really(request, context.under(key: key + "-again"))
        return try await really(request, context)
      }
    },
    Fault(
      "a balance is not the sum of its entries",
      breaks: ["balance-unlike-entries"],
      says: "and says"
    ) { tampering in
      let chosen = Chosen<String>()
      @Sendable func told(_ moved: WalletMoved) -> WalletMoved {
        var moved = moved
        if chosen.isIt(moved.entry?.id ?? "") { moved.entry?.balance += 1 }
        return moved
      }
      tampering.event = { event in
        guard case .walletMoved(let moved) = event.what else { return [event] }
        return [event.saying(.walletMoved(told(moved)))]
      }
      tampering.row = { table, row in
        table == "entries" ? told(try WalletMoved(decoding: row)).encoded() : row
      }
    },
    Fault(
      "a balance is below zero",
      breaks: ["balance-below-zero"],
      mayBreak: ["balance-unlike-entries", "tables-unlike-log"],
      says: "is -1 in wallets"
    ) { tampering in
      let chosen = Chosen<String>()
      tampering.row = { table, row in
        guard table == "wallets" else { return row }
        var wallet = try Wallet(decoding: row)
        if chosen.isIt(wallet.userID) { wallet.balance = -1 }
        return wallet.encoded()
      }
    },
  ]
}

extension CallContext {
  /// The same call under another idempotency key.
  func under(key: String) throws -> CallContext {
    var metadata = Metadata()
    try metadata.add(Metadata.Key.idempotencyKey, key)
    return CallContext(
      method: method,
      callID: callID,
      connectionID: connectionID,
      metadata: metadata,
      deadline: deadline,
      identity: identity
    )
  }
}
