package import Foundation
internal import Spelling

/// A file that is no record of a run which this program can read.
package struct RecordFileError: Error, CustomStringConvertible, Hashable {
  /// One sentence that says what is wrong with which file.
  package let description: String
}

extension RunRecord {
  /// The only version of the form that is read.
  package static let formatKnown = 2

  /// Reads a record that ``write(to:)`` wrote.
  package static func read(from path: String) throws(RecordFileError) -> RunRecord {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let why = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "is not there"
      throw RecordFileError(description: "\(path.printable) \(why)")
    }
    do throws(RecordFileError) {
      return try RunRecord(json: data)
    } catch {
      throw RecordFileError(description: "\(path.printable): \(error.description)")
    }
  }

  /// The record that is in these bytes of JSON.
  package init(json: Data) throws(RecordFileError) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in
      RecordKey(declared: path[path.count - 1].stringValue)
    }
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    let head: Head
    do {
      head = try decoder.decode(Head.self, from: json)
    } catch {
      throw RecordFileError(description: "this is not the record of a run of usher-load")
    }
    guard head.format == Self.formatKnown else {
      throw RecordFileError(
        description: "the record has format \(head.format), and this program reads format "
          + "\(Self.formatKnown); read it with the version of usher-load that wrote it"
      )
    }
    do {
      self = try decoder.decode(RunRecord.self, from: json)
    } catch {
      throw RecordFileError(description: "the record is damaged: \(Self.words(for: error))")
    }
  }

  /// The record as JSON: names in snake case and in order, so that two runs can be told apart line
  /// by line.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    // A share of no time at all must not cost the record.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }

  /// Writes the record, whole or not at all.
  package func write(to path: String) throws(RecordFileError) {
    do {
      try json().write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw RecordFileError(description: "\(path.printable) cannot be written")
    }
  }

  /// What every record says of itself, whatever its version.
  private struct Head: Decodable {
    var format: Int
    var facts: Facts

    struct Facts: Decodable { var model: String }
  }

  private static func words(for error: any Error) -> String {
    let context: DecodingError.Context
    switch error {
    case DecodingError.keyNotFound(let key, let where_):
      return "\(place(where_.codingPath)) lacks \(key.stringValue.printable)"
    case DecodingError.typeMismatch(_, let found), DecodingError.valueNotFound(_, let found),
      DecodingError.dataCorrupted(let found):
      context = found
    default:
      return "it cannot be read"
    }
    return "\(place(context.codingPath)) is not what it should be"
  }

  private static func place(_ path: [any CodingKey]) -> String {
    path.isEmpty
      ? "it"
      : path.map { $0.intValue.map(String.init) ?? $0.stringValue }
        .joined(separator: ".").printable
  }
}

/// A key of the file under the name that the declaration has: `at_ms` is `atMs`.
///
/// What a histogram writes is left as it is: it names its own keys.
private struct RecordKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(declared key: String) {
    guard key != "digit_bits" else {
      stringValue = key
      return
    }
    let words = key.split(separator: "_")
    stringValue =
      words.first.map { first in
        words.dropFirst().reduce(String(first)) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
      } ?? key
  }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
