/// How much payload may still be sent on a call. One message may take it below zero; then sending
/// waits for more.
struct SendCredit {
  /// More than this is a fault.
  static let bytesMax: Int64 = 1 << 31
  /// What each call begins with.
  static let initialBytes: Int64 = 256 << 10

  private(set) var bytes = initialBytes

  var maySend: Bool { bytes > 0 }

  mutating func sent(_ count: Int) { bytes -= Int64(count) }

  enum OnCredit: Equatable { case granted, overflow }

  /// The peer takes `count` more.
  mutating func granted(_ count: UInt32) -> OnCredit {
    let sum = bytes + Int64(count)
    guard sum <= Self.bytesMax else { return .overflow }
    bytes = sum
    return .granted
  }
}

/// How much payload a peer may still send on a call, and when to let it send more.
struct ReceiveCredit {
  private let window: Int64
  private var bytes: Int64
  private var owed: Int64 = 0

  /// Credit for a call whose handler may fall `window` bytes behind.
  init(window: Int) {
    precondition(window >= Int(SendCredit.initialBytes), "the contract gives 256 KiB at the start")
    self.window = Int64(window)
    bytes = SendCredit.initialBytes
    owed = Int64(window) - bytes
  }

  enum OnPayload: Equatable { case accepted, withoutCredit }

  /// The peer sent a message of `count` bytes.
  mutating func received(_ count: Int) -> OnPayload {
    guard bytes > 0 else { return .withoutCredit }
    bytes -= Int64(count)
    return .accepted
  }

  /// The handler took a message of `count` bytes. Answers how much to grant now: nothing until half
  /// the window is owed, so that grants are few.
  mutating func consumed(_ count: Int) -> UInt32 {
    owed += Int64(count)
    guard owed >= window / 2 else { return 0 }
    bytes += owed
    defer { owed = 0 }
    return UInt32(owed)
  }
}
