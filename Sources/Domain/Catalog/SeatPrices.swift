/// What every seat of a date costs: bands of numbers that lie next to each other, from 1 to the last.
package struct SeatPrices: Sendable, Hashable {
  /// Seats at one price.
  package struct Band: Sendable, Hashable {
    package let from: UInt32
    package let through: UInt32
    package let price: Int64

    package init(from: UInt32, through: UInt32, price: Int64) {
      self.from = from
      self.through = through
      self.price = price
    }
  }

  /// In order of their numbers, without a hole; never empty.
  package let bands: [Band]

  package var total: UInt32 { bands[bands.count - 1].through }
  package var lowest: Int64 { bands.reduce(.max) { min($0, $1.price) } }
  package var highest: Int64 { bands.reduce(0) { max($0, $1.price) } }

  /// `total` seats at `price`, but for those that `exceptions` name; nil where an exception lies
  /// outside, or two meet.
  package init?(total: UInt32, price: Int64, exceptions: [Band] = []) {
    guard total > 0 else { return nil }
    var bands: [Band] = []
    var next: UInt32 = 1
    for band in exceptions.sorted(by: { $0.from < $1.from }) {
      guard band.from >= next, band.from <= band.through, band.through <= total else { return nil }
      if band.from > next {
        bands.append(Band(from: next, through: band.from - 1, price: price))
      }
      bands.append(band)
      next = band.through + 1
    }
    if next <= total { bands.append(Band(from: next, through: total, price: price)) }
    self.bands = bands
  }

  /// What a seat costs; nil if there is no such seat.
  package subscript(seat: UInt32) -> Int64? {
    var low = 0
    var high = bands.count
    while low < high {
      let middle = (low + high) / 2
      if seat > bands[middle].through { low = middle + 1 } else { high = middle }
    }
    guard low < bands.count, seat >= bands[low].from else { return nil }
    return bands[low].price
  }
}

// MARK: - Bytes

extension SeatPrices {
  /// Of each band its last number, four bytes, and its price, eight; the most significant first.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for band in bands {
      bytes.append(bigEndian: band.through)
      bytes.append(bigEndian: band.price)
    }
    return bytes
  }

  init?(bytes: [UInt8]) {
    guard !bytes.isEmpty, bytes.count.isMultiple(of: 12) else { return nil }
    var bands: [Band] = []
    var last: UInt32 = 0
    for start in stride(from: 0, to: bytes.count, by: 12) {
      let through = UInt32(bigEndian: bytes, at: start)
      let price = Int64(bigEndian: bytes, at: start + 4)
      guard through > last else { return nil }
      bands.append(Band(from: last + 1, through: through, price: price))
      last = through
    }
    self.bands = bands
  }
}
