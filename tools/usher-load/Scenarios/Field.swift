internal import Arguments

/// One thing that can be set in a scenario: under the same key in a file and on a command line, read
/// from the same text, and written as it is read.
struct Field: Sendable {
  /// `sale.claim_ttl`.
  let key: String
  /// What JSON may have for it.
  let forms: Set<Form>
  let reading: Reading
  /// What it is; nil where the scenario has no such part.
  let write: @Sendable (Scenario) -> Written?

  /// What stands for nothing, where there may be nothing. In JSON null does as well.
  static let none = "none"

  enum Form: Sendable, Hashable {
    case text, number, flag, none, list
  }

  enum Reading: Sendable {
    /// One text; nil: none.
    case single(@Sendable (inout Scenario, String?) throws(UsageError) -> Void)
    /// Any number of texts, which on a command line are parted by the separator; nil: are one.
    case list(
      separator: Character?,
      @Sendable (inout Scenario, [String]) throws(UsageError) -> Void,
      check: @Sendable (String) throws(UsageError) -> Void
    )
  }

  enum Written: Sendable, Hashable {
    case text(String), whole(Int64), unsigned(UInt64), real(Double), flag(Bool), list([String])
    case none
  }
}

/// How a value is read from text and written.
struct Notation<Value: Sendable>: Sendable {
  let forms: Set<Field.Form>
  let read: @Sendable (String) throws(UsageError) -> Value
  let write: @Sendable (Value) -> Field.Written
}

extension Field {
  /// What is always there.
  init<Value>(
    _ key: String,
    _ path: any WritableKeyPath<Scenario, Value> & Sendable,
    _ notation: Notation<Value>
  ) {
    self.init(
      key: key,
      forms: notation.forms,
      reading: .single { (scenario, text) throws(UsageError) in
        guard let text else { throw UsageError("a value is expected") }
        scenario[keyPath: path] = try notation.read(text)
      },
      write: { notation.write($0[keyPath: path]) }
    )
  }

  /// What may be none.
  init<Value>(
    optional key: String,
    _ path: any WritableKeyPath<Scenario, Value?> & Sendable,
    _ notation: Notation<Value>
  ) {
    self.init(
      key: key,
      forms: notation.forms.union([.none]),
      reading: .single { (scenario, text) throws(UsageError) in
        guard let text else {
          scenario[keyPath: path] = nil
          return
        }
        scenario[keyPath: path] = try notation.read(text)
      },
      write: { $0[keyPath: path].map(notation.write) ?? Written.none }
    )
  }

  /// What only a run of calls has.
  init<Value>(
    ofCall key: String,
    _ path: any WritableKeyPath<CallPlan, Value> & Sendable,
    _ notation: Notation<Value>
  ) {
    self.init(
      key: key,
      forms: notation.forms,
      reading: .single { (scenario, text) throws(UsageError) in
        guard let text else { throw UsageError("a value is expected") }
        let value = try notation.read(text)
        guard scenario.call != nil else { throw CallPlan.isForCalls }
        scenario.call?[keyPath: path] = value
      },
      write: { $0.call.map { notation.write($0[keyPath: path]) } }
    )
  }
}

extension CallPlan {
  static let isForCalls = UsageError("this is only for model call")
}
