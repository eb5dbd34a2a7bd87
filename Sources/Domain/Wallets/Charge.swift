/// Adds money to a user's wallet.
package struct Charge: RepeatableCommand {
  package let user: UserID
  package let amount: Int64
  package let description: String

  package init(user: UserID, amount: Int64, description: String) {
    self.user = user
    self.amount = amount
    self.description = description
  }

  package func want(in rows: inout WorkingSet) {
    rows.users.want(user)
    rows.wallets.want(user)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> Entry {
    guard amount > 0 else { throw .no(.fieldInvalid, "amount: must be above 0, and is \(amount)") }
    _ = try turn.rows.livingUser(user)
    return try turn.move(amount, of: user, as: .charge, description)
  }

  package func made(_ outcome: Entry) -> [ID<Made>] { [outcome.key.id.of()] }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> Entry {
    guard let entry = try turn.rows.entries.find(Entry.Key(user: user, id: made.one())) else {
      throw .no(.userNotFound, "there is no user \(user)")
    }
    return entry
  }
}
