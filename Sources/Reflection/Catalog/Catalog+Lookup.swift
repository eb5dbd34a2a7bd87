package import Descriptors
internal import Spelling

/// Something that has a name of its own in a schema.
package enum CatalogEntry: Hashable, Sendable {
  case service(SchemaService)
  case method(CatalogMethod)
  case message(SchemaMessage)
  case enumeration(SchemaEnum)
}

/// A name that means nothing, or more than one thing.
package struct LookupFailure: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}

extension Catalog {
  /// The method that is called `name`: in full (`usher.v1.GateService/Check`, a leading slash or a
  /// dot for the slash do no harm), or by its end if that names no other (`GateService/Check`,
  /// `gate/check`, `Enter`).
  package func method(named name: String) throws(LookupFailure) -> CatalogMethod {
    try find(name, among: methods.map { ($0.name, $0) }, what: "method")
  }

  /// The service that is called `name`, in full or by an end of its name that no other has.
  package func service(named name: String) throws(LookupFailure) -> SchemaService {
    try find(name, among: services.map { ($0.fullName, $0) }, what: "service")
  }

  /// Whatever is called `name`.
  package func entry(named name: String) throws(LookupFailure) -> CatalogEntry {
    var named = services.map { ($0.fullName, CatalogEntry.service($0)) }
    named += methods.map { ($0.name, .method($0)) }
    named += messages.map { ($0.fullName, .message($0)) }
    named += enums.map { ($0.fullName, .enumeration($0)) }
    return try find(name, among: named, what: "service, method, message or enum")
  }

  private func find<Thing>(
    _ typed: String,
    among named: [(name: String, thing: Thing)],
    what: String
  ) throws(LookupFailure) -> Thing {
    let wanted = Self.dotted(typed.hasPrefix("/") ? String(typed.dropFirst()) : typed)
    let folded = Self.folded(wanted)
    let tests: [(String) -> Bool] = [
      { $0 == wanted },
      { $0.hasSuffix("." + wanted) },
      { Self.folded($0) == folded || Self.folded($0).hasSuffix("." + folded) },
    ]
    for test in tests where !wanted.isEmpty {
      let found = named.filter { test(Self.dotted($0.name)) }
      if found.count == 1 { return found[0].thing }
      guard found.isEmpty else {
        let names = found.map(\.name).joined(separator: " or ")
        throw LookupFailure(description: "\"\(typed)\" may be \(names)")
      }
    }
    let similar = Self.similar(to: wanted, among: named.map(\.name))
    throw LookupFailure(
      description: "there is no \(what) \"\(typed)\""
        + (similar.map { "; a similar one exists: \($0)" } ?? "")
    )
  }

  /// Dots throughout, so that the ends of a name begin alike.
  private static func dotted(_ name: String) -> String { name.replacing("/", with: ".") }

  /// In small letters, and services without the ending that they all have.
  private static func folded(_ name: String) -> String {
    name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
      .map { $0.count > 7 && $0.hasSuffix("service") ? $0.dropLast(7) : $0 }
      .joined(separator: ".")
  }

  /// The name that has an end like `typed`, which has as many parts.
  private static func similar(to typed: String, among names: [String]) -> String? {
    let parts = typed.split(separator: ".").count
    guard parts > 0 else { return nil }
    let ends = names.map { name in
      (folded(dotted(name)).split(separator: ".").suffix(parts).joined(separator: "."), name)
    }
    guard let end = nearest(to: folded(typed), among: ends.map(\.0)) else { return nil }
    return ends.first { $0.0 == end }?.1
  }
}
