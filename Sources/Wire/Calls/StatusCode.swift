/// How a call ended, in gRPC's numbers. The set is open: a peer may send a number that has no name.
public struct StatusCode: RawRepresentable, Sendable, Hashable {
  /// The number on the wire.
  public let rawValue: UInt32

  /// The code of that number, whether it has a name or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The call did what was asked.
  public static let ok = Self(rawValue: 0)
  /// The caller gave up before it was run.
  public static let cancelled = Self(rawValue: 1)
  /// What happened is not known, or cannot be told in another code.
  public static let unknown = Self(rawValue: 2)
  /// The request is wrong whatever the state of the system.
  public static let invalidArgument = Self(rawValue: 3)
  /// Time ran out before it was run.
  public static let deadlineExceeded = Self(rawValue: 4)
  /// What was asked for is not there.
  public static let notFound = Self(rawValue: 5)
  /// What was to be made is there already.
  public static let alreadyExists = Self(rawValue: 6)
  /// The caller is known and may not do this.
  public static let permissionDenied = Self(rawValue: 7)
  /// A limit was reached; the same call may succeed later.
  public static let resourceExhausted = Self(rawValue: 8)
  /// The system is not in a state in which this can be done; repeating alone will not help.
  public static let failedPrecondition = Self(rawValue: 9)
  /// Something changed meanwhile; start again from reading.
  public static let aborted = Self(rawValue: 10)
  /// The request goes past what there is.
  public static let outOfRange = Self(rawValue: 11)
  /// There is no such method.
  public static let unimplemented = Self(rawValue: 12)
  /// A rule of the protocol or of the program itself was broken.
  public static let `internal` = Self(rawValue: 13)
  /// The service cannot be reached at the moment; try again.
  public static let unavailable = Self(rawValue: 14)
  /// Data was lost or damaged.
  public static let dataLoss = Self(rawValue: 15)
  /// Who is calling is not known.
  public static let unauthenticated = Self(rawValue: 16)

  private static let names = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
    "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]
}

extension StatusCode: CustomStringConvertible {
  /// The code's name as gRPC spells it, or its number.
  public var description: String {
    let index = Int(rawValue)
    return Self.names.indices.contains(index) ? Self.names[index] : "STATUS_\(rawValue)"
  }
}
