/// Keeps a new API key. The key itself is made elsewhere and shown once: asked again, the outcome is
/// the row of the first one, whose digest is not this one's.
package struct AddAppKey: RepeatableCommand {
  package let name: String
  package let role: AppKey.Role
  package let digest: [UInt8]

  package init(name: String, role: AppKey.Role, digest: [UInt8]) {
    self.name = name
    self.role = role
    self.digest = digest
  }

  package func want(in rows: inout WorkingSet) {}

  package func decide(in turn: inout Turn) throws(Interruption) -> AppKey {
    let key = AppKey(
      id: turn.ids.next(),
      name: name,
      role: role,
      digest: digest,
      created: turn.now
    )
    turn.rows.appKeys.put(key)
    return key
  }
}

/// Ends an API key, at once and for good.
package struct RevokeAppKey: RepeatableCommand {
  package let id: AppKeyID

  package init(id: AppKeyID) {
    self.id = id
  }

  package func want(in rows: inout WorkingSet) {
    rows.appKeys.want(id)
  }

  package func decide(in turn: inout Turn) throws(Interruption) -> AppKey {
    var key = try turn.rows.appKey(id)
    guard key.revoked == nil else { return key }
    key.revoked = turn.now
    turn.rows.appKeys.put(key)
    return key
  }
}

/// Publishes a new secret to sign with.
package struct AddSigningKey: RepeatableCommand {
  package let secret: [UInt8]
  /// How long it is known before it signs.
  package let delayMilliseconds: Int64

  package init(secret: [UInt8], delayMilliseconds: Int64) {
    self.secret = secret
    self.delayMilliseconds = delayMilliseconds
  }

  package func want(in rows: inout WorkingSet) {}

  package func decide(in turn: inout Turn) throws(Interruption) -> SigningKey {
    let key = SigningKey(
      id: turn.ids.next(),
      secret: secret,
      created: turn.now,
      signsFrom: turn.now.after(milliseconds: delayMilliseconds)
    )
    turn.rows.signingKeys.put(key)
    return key
  }

  package func made(_ outcome: SigningKey) -> [ID<Made>] { [outcome.id.of()] }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> SigningKey {
    let id: SigningKeyID = try made.one()
    guard let key = try turn.rows.signingKeys.find(id) else {
      throw .no(.outcomeUnknown, "there is no signing key \(id) any more")
    }
    return key
  }
}

extension RepeatableCommand where Outcome == AppKey {
  package func made(_ outcome: AppKey) -> [ID<Made>] { [outcome.id.of()] }

  package func recall(_ made: [ID<Made>], in turn: inout Turn) throws(Interruption) -> AppKey {
    try turn.rows.appKey(made.one())
  }
}

extension WorkingSet {
  fileprivate mutating func appKey(_ id: AppKeyID) throws(Interruption) -> AppKey {
    guard let key = try appKeys.find(id) else {
      throw .no(.fieldInvalid, "key_id: there is no key \(id)")
    }
    return key
  }
}
