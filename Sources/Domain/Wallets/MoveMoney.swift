extension Turn {
  /// Moves a user's balance and records why. The only place where a balance changes.
  mutating func move(
    _ amount: Int64,
    of user: UserID,
    as kind: Entry.Kind,
    _ description: String,
    reference: ID<Made>? = nil
  ) throws(Interruption) -> Entry {
    let before = try rows.wallets.find(user)?.balance ?? 0
    let (after, overflow) = before.addingReportingOverflow(amount)
    guard !overflow else {
      throw .no(.balanceOverflow, "\(amount) on top of \(before) is more than a wallet can hold")
    }
    guard after >= 0 else {
      throw .no(.insufficientBalance, "\(-amount) is due and the balance is \(before)")
    }
    let entry = Entry(
      key: Entry.Key(user: user, id: ids.next()),
      kind: kind,
      amount: amount,
      balance: after,
      description: description,
      reference: reference,
      at: now
    )
    rows.wallets.put(Wallet(user: user, balance: after))
    rows.entries.put(entry)
    tell(.walletMoved(entry))
    return entry
  }
}
