/// Why an audit cannot be made: what it was given is not what it can read.
package struct AuditFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
