/// An enum of the schema. Conformances are generated.
///
/// Enums are open: a peer may know values that this side does not, and they are kept as they came.
public protocol MessageEnum: Sendable, Hashable, RawRepresentable where RawValue == Int32 {
  /// The enum's full name in its schema, such as `usher.v1.SeatState`.
  static var enumName: String { get }

  /// What every value's name begins with in the schema, such as `SEAT_STATE_`; empty where they
  /// share nothing.
  static var protoPrefix: String { get }

  /// The values that the schema names, in its order.
  static var knownValues: [Self] { get }

  /// The value with this number, known or not.
  init(rawValue: Int32)

  /// The value's name in the schema, such as `SEAT_STATE_FREE`; nil where it has none.
  var protoName: String? { get }
}

extension MessageEnum {
  /// The value that an unset field has.
  public init() { self.init(rawValue: 0) }

  /// The value's name in the schema without what all names begin with, such as `FREE`.
  public var shortName: String? {
    protoName.map { String($0.dropFirst(Self.protoPrefix.count)) }
  }

  /// The value that the schema calls `name`, with or without what all names begin with.
  public init?(protoName name: some StringProtocol) {
    guard
      let value = Self.knownValues.first(where: {
        $0.protoName.map { $0 == name || $0.dropFirst(Self.protoPrefix.count) == name } ?? false
      })
    else { return nil }
    self = value
  }
}
