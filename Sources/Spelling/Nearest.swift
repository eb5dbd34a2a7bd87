/// The word among `candidates` that a person may have meant by `word`; nil if none is close.
package func nearest(to word: String, among candidates: [String]) -> String? {
  let length = word.count
  let distanceMax = max(2, length / 3)
  // Words of very different lengths are far apart, and comparing them would only take time.
  let ranked = candidates.filter { abs($0.count - length) <= distanceMax }
    .map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
  guard let (candidate, distance) = ranked, distance <= distanceMax else { return nil }
  return candidate
}

/// How many letters have to be put in, left out, replaced, or swapped with their neighbour.
func editDistance(_ left: String, _ right: String) -> Int {
  let left = Array(left)
  let right = Array(right)
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      var best = min(
        last[column] + (letter == other ? 0 : 1),
        last[column + 1] + 1,
        current[column] + 1
      )
      if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
        best = min(best, beforeLast[column - 1] + 1)
      }
      current.append(best)
    }
    beforeLast = last
    last = current
  }
  return last[right.count]
}
