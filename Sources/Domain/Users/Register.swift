/// Makes a user. An id that exists with the same name is answered, not refused.
package struct Register: RepeatableCommand {
  package let id: UserID?
  package let name: String

  package init(id: UserID?, name: String) {
    self.id = id
    self.name = name
  }

  package func want(in rows: inout WorkingSet) {
    if let id { rows.users.want(id) }
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> User {
    if let id, let user = try turn.rows.users.find(id) {
      guard user.deleted == nil else {
        throw .no(.fieldInvalid, "id: the user \(id) was deleted; choose another id")
      }
      guard user.name == name else {
        throw .no(.fieldInvalid, "id: \(id) belongs to a user of another name")
      }
      return user
    }
    let user = User(id: id ?? turn.ids.next(), name: name, created: turn.now)
    turn.rows.users.put(user)
    turn.tell(.userChanged(user))
    return user
  }
}

extension RepeatableCommand where Outcome == User {
  package func made(_ outcome: User) -> [ID<Made>] { [outcome.id.of()] }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> User {
    try turn.rows.livingUser(made.one())
  }
}
