/// Which of many places in a row are taken, so that those before any place are counted in a few
/// steps, and places are added at the end.
struct FenwickTree: Sendable {
  /// At index i how many are taken in the stretch that ends with place i and is as long as the
  /// lowest one bit of i + 1.
  private var counts: [UInt32] = []

  /// How many places there are.
  var count: Int { counts.count }

  /// Adds a place at the end.
  mutating func append(_ isTaken: Bool) {
    let end = counts.count + 1
    var count: UInt32 = isTaken ? 1 : 0
    var step = 1
    while step < end & -end {
      count += counts[end - step - 1]
      step <<= 1
    }
    counts.append(count)
  }

  /// Takes a place, or frees it. It has to be the other way before.
  mutating func set(_ place: Int, _ isTaken: Bool) {
    var end = place + 1
    while end <= counts.count {
      if isTaken { counts[end - 1] += 1 } else { counts[end - 1] -= 1 }
      end += end & -end
    }
  }

  /// How many are taken before a place.
  func taken(before place: Int) -> Int {
    var end = min(place, counts.count)
    var taken = 0
    while end > 0 {
      taken += Int(counts[end - 1])
      end -= end & -end
    }
    return taken
  }
}
