extension Metadata {
  /// The keys in use on the wire.
  public enum Key {
    /// `Bearer KEY-OR-TOKEN`: who is calling.
    public static let authorization = "authorization"
    /// The queue or entry token.
    public static let token = "usher-token"
    /// The user for whom an app acts.
    public static let user = "usher-user"
    /// Makes a repeated call answer what the first one did.
    public static let idempotencyKey = "idempotency-key"
    /// A read answers from this offset of the log or a later one.
    public static let atLeastOffset = "at-least-offset"
    /// The caller's trace, in the W3C form.
    public static let traceParent = "traceparent"
    /// Trailer: the refusal's name.
    public static let refusal = "usher-refusal"
    /// Trailer: when to try again.
    public static let retryAfterMs = "retry-after-ms"
    /// Trailer: the log's offset that the answer reflects.
    public static let offset = "usher-offset"
  }
}
