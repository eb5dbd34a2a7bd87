// A map travels as a list of entries, in the order of its keys, so that equal messages have equal
// bytes.

extension Arena {
  /// Room for a map's entries, each still to be set.
  @inlinable
  public func entries<Entry>(
    _ count: Int,
    of _: Entry.Type
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>? {
    unsafe list(count) { _ in nil }
  }
}

extension Dictionary where Key: FixedWidthInteger {
  /// The entries as they are packed, from the least key to the greatest.
  public var packingOrder: [Element] { sorted { $0.key < $1.key } }
}

extension Dictionary where Key == String {
  /// The entries as they are packed, in the order of their keys' bytes.
  public var packingOrder: [Element] {
    sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }
}

extension Dictionary where Key == Bool {
  /// The entries as they are packed, false first.
  public var packingOrder: [Element] { sorted { !$0.key && $1.key } }
}
