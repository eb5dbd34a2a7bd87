internal import Crypto

/// A gate in sixteen bytes, made from its name: what tokens of one length name it by.
package enum GateByTag {}
package typealias GateTag = ID<GateByTag>

extension ID where Of == GateByTag {
  /// The tag of the gate with that name.
  package init(gate name: String) {
    let digest = SHA256.digest(of: "usher gate \(name)")
    self.init(
      high: UInt64(bigEndian: digest, at: 0),
      low: UInt64(bigEndian: digest, at: 8)
    )
  }
}
