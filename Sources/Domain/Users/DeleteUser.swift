/// Ends a user, who from then on cannot call, hold or pay. What they have paid stays; what they
/// hold lapses in its time.
package struct DeleteUser: RepeatableCommand {
  package let id: UserID

  package init(id: UserID) {
    self.id = id
  }

  package func want(in rows: inout WorkingSet) {
    rows.users.want(id)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> User {
    var user = try turn.rows.livingUser(id)
    user.updated = turn.now
    user.deleted = turn.now
    turn.rows.users.put(user)
    turn.tell(.userChanged(user))
    return user
  }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> User {
    guard let user = try turn.rows.users.find(made.one()) else {
      throw .no(.userNotFound, "there is no user \(id)")
    }
    return user
  }
}
