/// What a run of calls calls.
public struct CallPlan: Sendable, Hashable {
  /// The method's full name: `usher.v1.GateService/Check`.
  public var method: String
  /// The request as JSON, with ``PayloadTemplate``'s placeholders.
  public var request: String
  /// What goes with each call. Values may have placeholders too.
  public var metadata: [Pair]

  /// A name and its value.
  public struct Pair: Sendable, Hashable {
    /// What it is known by, in small letters.
    public var name: String
    /// What it says.
    public var value: String

    /// A name with that value.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Calls of that method.
  public init(method: String, request: String = "{}", metadata: [Pair] = []) {
    self.method = method
    self.request = request
    self.metadata = metadata
  }
}
