/// Which call numbers a connection has seen. A client's numbers strictly rise.
struct CallIDs {
  /// The highest number taken; 0 before the first.
  private(set) var highest: UInt32 = 0

  enum OnOpen: Equatable { case taken, notRising }

  /// A client opens a call.
  mutating func open(_ id: UInt32) -> OnOpen {
    guard id > highest else { return .notRising }
    highest = id
    return .taken
  }

  /// Whether a frame other than OPEN may name this call: it is one of those seen.
  func wasOpened(_ id: UInt32) -> Bool { id != 0 && id <= highest }
}
