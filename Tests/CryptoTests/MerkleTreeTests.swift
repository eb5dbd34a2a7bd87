import Crypto
import Testing

@Suite("Merkle trees") struct MerkleTreeTests {
  /// The leaves that implementations of RFC 6962 are compared by.
  static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ].map(bytes)

  static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ].map(bytes)

  @Test("Roots are those of RFC 6962", arguments: 0...8)
  func root(count: Int) {
    #expect(MerkleTree.root(of: Array(Self.leaves.prefix(count))) == Self.roots[count])
  }

  @Test("Paths are those of RFC 6962")
  func paths() {
    #expect(MerkleTree.path(to: 0, among: [[1]]) == [])
    #expect(
      MerkleTree.path(to: 5, among: Self.leaves)
        == [
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ].map(bytes)
    )
    #expect(
      MerkleTree.path(to: 2, among: Array(Self.leaves.prefix(3)))
        == [bytes("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    )
    #expect(
      MerkleTree.path(to: 1, among: Array(Self.leaves.prefix(5)))
        == [
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ].map(bytes)
    )
  }

  /// Leaves of all lengths from 0.
  private func leaves(_ count: Int) -> [[UInt8]] {
    (0..<count).map { Array(repeating: UInt8($0), count: $0) }
  }

  @Test("Every leaf of every tree leads to its root, and as no other leaf", arguments: 1...64)
  func everyLeaf(count: Int) {
    let leaves = leaves(count)
    let root = MerkleTree.root(of: leaves)
    for place in leaves.indices {
      let path = MerkleTree.path(to: place, among: leaves)
      #expect(MerkleTree.root(from: leaves[place], at: place, of: count, path: path) == root)
      for other in leaves.indices where other != place {
        #expect(MerkleTree.root(from: leaves[place], at: other, of: count, path: path) != root)
      }
    }
  }

  @Test("A bit that is changed, in the leaf or its path, leads elsewhere", arguments: 1...64)
  func changedBit(count: Int) {
    let leaves = leaves(count)
    let root = MerkleTree.root(of: leaves)
    let place = count * 5 / 7
    let path = MerkleTree.path(to: place, among: leaves)
    for bit in 0..<(leaves[place].count * 8) {
      let leaf = leaves[place].flipping(bit)
      #expect(MerkleTree.root(from: leaf, at: place, of: count, path: path) != root)
    }
    for step in path.indices {
      for bit in 0..<(MerkleTree.hashBytes * 8) {
        var wrong = path
        wrong[step] = wrong[step].flipping(bit)
        #expect(
          MerkleTree.root(from: leaves[place], at: place, of: count, path: wrong) != root
        )
      }
    }
  }

  @Test("A path of another length, or of other things than hashes, leads nowhere")
  func shapes() {
    let leaves = leaves(6)
    let path = MerkleTree.path(to: 3, among: leaves)
    func leadsNowhere(at place: Int, of count: Int, _ path: [[UInt8]]) -> Bool {
      MerkleTree.root(from: leaves[3], at: place, of: count, path: path) == nil
    }
    #expect(!leadsNowhere(at: 3, of: 6, path))
    #expect(leadsNowhere(at: 3, of: 6, path.dropLast()))
    #expect(leadsNowhere(at: 3, of: 6, path + [path[0]]))
    #expect(leadsNowhere(at: 3, of: 6, [Array(path[0].dropLast())] + path.dropFirst()))
    #expect(leadsNowhere(at: 6, of: 6, path))
    #expect(leadsNowhere(at: -1, of: 6, path))
    #expect(leadsNowhere(at: 0, of: 0, []))
    #expect(leadsNowhere(at: 3, of: .max, path))
  }
}
