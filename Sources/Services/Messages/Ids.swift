internal import Domain
internal import RPCCore
internal import UsherAPI

// How the domain's values look on the wire, and what a field of a request has to be.

extension Instant {
  /// Milliseconds since 1970; 0 stands for none.
  init?(ms: Int64) {
    guard ms != 0 else { return nil }
    self.init(milliseconds: ms)
  }
}

extension Instant? {
  /// Milliseconds since 1970; 0 where there is none.
  var ms: Int64 { self?.milliseconds ?? 0 }
}

/// A request's field that is not what it has to be.
func invalid(_ field: String, _ problem: String) -> RPCFailure {
  RPCFailure(.fieldInvalid, "\(field): \(problem)")
}

extension ID {
  /// The id in a request's field.
  init(field: String, _ text: String) throws {
    guard let id = Self(text) else {
      let problem = text.isEmpty ? "must be given" : "\(text.prefix(64)) is not a UUID"
      throw invalid(field, problem)
    }
    self = id
  }
}

extension Array {
  /// The ids in a request's field.
  init<Of>(field: String, _ texts: [String]) throws where Element == ID<Of> {
    self = try texts.map { try ID(field: field, $0) }
  }
}

extension String {
  /// The text, if it has no more bytes than that and no control characters.
  func checked(_ field: String, atMost bytes: Int, mayBeEmpty: Bool = false) throws -> String {
    guard mayBeEmpty || !isEmpty else { throw invalid(field, "must not be empty") }
    guard utf8.count <= bytes else {
      throw invalid(field, "may have \(bytes) bytes, and has \(utf8.count)")
    }
    guard unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw invalid(field, "must not have control characters")
    }
    return self
  }
}

/// Limits of what a request may say.
enum Limit {
  static let nameBytes = 256
  static let descriptionBytes = 1_024
  static let reasonBytes = 1_024
  static let idempotencyKeyCharacters = 64
  static let pageDefault = 50
  static let pageMax = 500
}
