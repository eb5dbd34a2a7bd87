/// Makes connections for a client.
public protocol Connector: Sendable {
  /// How many addresses there are to connect to.
  var addressCount: Int { get }
  /// How an address is written, for failures.
  func name(ofAddress index: Int) -> String
  /// The loop on which a new connection should live.
  func nextLoop() -> any Loop
  /// Connects to an address, on `loop` and called there. `speak` makes what will speak on the
  /// connection; `completed` is called there once, with the reason if there is no connection.
  func connect(
    toAddress index: Int,
    on loop: any Loop,
    timeout: Duration,
    speak: @escaping (_ scratch: Scratch) -> any Session,
    completed: @escaping (_ failure: String?) -> Void
  )
}
