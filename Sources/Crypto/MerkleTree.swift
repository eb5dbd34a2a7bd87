/// The hash tree of RFC 6962: one hash stands for a list of leaves, and a few more prove that a leaf
/// is one of them, and where.
///
/// A leaf's hash is that of a 0 byte and the leaf, a node's that of a 1 byte and its two hashes. The
/// left part of a node is the largest power of two that leaves something for the right one: level by
/// level that is pairs, and whoever is left over at the end goes up as they are.
package enum MerkleTree {
  /// How long every hash is.
  package static let hashBytes = SHA256.digestBytes

  /// The hash that stands for all leaves.
  package static func root(of leaves: [[UInt8]]) -> [UInt8] {
    guard !leaves.isEmpty else { return SHA256.digest(of: []) }
    var level = Level(hashing: leaves)
    while level.count > 1 { level.rise() }
    return level[0]
  }

  /// The hashes that lead from a leaf to the root, from below.
  package static func path(to leaf: Int, among leaves: [[UInt8]]) -> [[UInt8]] {
    precondition(leaves.indices.contains(leaf), "there is no leaf \(leaf) of \(leaves.count)")
    var level = Level(hashing: leaves)
    var path: [[UInt8]] = []
    var place = leaf
    while level.count > 1 {
      if place ^ 1 < level.count { path.append(level[place ^ 1]) }
      level.rise()
      place /= 2
    }
    return path
  }

  /// The root of the tree of `count` leaves in which `content` is the one at `place` and `path` leads up
  /// from it; nil where no path of that tree looks like this one.
  package static func root(
    from content: [UInt8],
    at place: Int,
    of count: Int,
    path: [[UInt8]]
  ) -> [UInt8]? {
    guard count > 0, (0..<count).contains(place) else { return nil }
    var place = place
    var width = count
    var rest = path[...]
    var hash = Level(hashing: [content])[0]
    while width > 1 {
      if place ^ 1 < width {
        guard let sibling = rest.popFirst(), sibling.count == hashBytes else { return nil }
        var pair = place.isMultiple(of: 2) ? Level([hash, sibling]) : Level([sibling, hash])
        pair.rise()
        hash = pair[0]
      }
      place /= 2
      width -= width / 2
    }
    return rest.isEmpty ? hash : nil
  }
}

/// The hashes of one level, one after the other.
private struct Level {
  private var bytes: [UInt8]
  private let hasher = SHA256.Hasher()
  private static let size = MerkleTree.hashBytes

  var count: Int { bytes.count / Self.size }

  init(_ hashes: [[UInt8]]) {
    bytes = hashes.flatMap { $0 }
  }

  init(hashing leaves: [[UInt8]]) {
    bytes = [UInt8](repeating: 0, count: leaves.count * Self.size)
    let hasher = hasher
    unsafe bytes.withUnsafeMutableBytes { hashes in
      for (place, leaf) in leaves.enumerated() {
        unsafe leaf.withUnsafeBytes { leaf in
          unsafe hasher.digest(of: 0, leaf, into: Self.slot(place, of: hashes))
        }
      }
    }
  }

  subscript(place: Int) -> [UInt8] { Array(bytes[place * Self.size..<(place + 1) * Self.size]) }

  /// Becomes the level above.
  mutating func rise() {
    let (hasher, count, pairs) = (hasher, count, count / 2)
    unsafe bytes.withUnsafeMutableBytes { hashes in
      // A pair is read whole before its hash takes the place of what is no longer needed.
      for pair in 0..<pairs {
        let both = unsafe UnsafeRawBufferPointer(
          start: Self.slot(pair * 2, of: hashes).baseAddress,
          count: Self.size * 2
        )
        unsafe hasher.digest(of: 1, both, into: Self.slot(pair, of: hashes))
      }
      guard !count.isMultiple(of: 2) else { return }
      unsafe Self.slot(pairs, of: hashes).copyMemory(from: .init(Self.slot(count - 1, of: hashes)))
    }
    bytes.removeLast(pairs * Self.size)
  }

  @unsafe
  private static func slot(
    _ place: Int,
    of hashes: UnsafeMutableRawBufferPointer
  ) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(
      rebasing: hashes[place * size..<(place + 1) * size]
    )
  }
}
