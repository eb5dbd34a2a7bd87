/// Text with places to fill in, read once and filled in for every call.
public struct PayloadTemplate: Sendable, Hashable {
  /// The text as it was given.
  public let text: String

  /// The text for call `number`, all chance in it drawn from `random`.
  public func expanded(number: Int, random: inout SeededRandom, nowMs: Int64) -> String { text }
}
