/// A growing run of bytes with one owner: written at its end, read from its start.
///
/// It is where frames are encoded and where output waits for a socket. Nothing is shared and nothing
/// is counted, so appending costs a comparison and a copy.
@safe public struct ByteBuffer: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  private var start = 0
  private var end = 0

  /// How many bytes fit before the buffer must grow.
  public private(set) var capacity = 0

  /// A buffer that has asked for no memory yet.
  public init() {}

  /// A buffer with room for `capacity` bytes.
  public init(capacity: Int) {
    precondition(capacity >= 0)
    self.capacity = capacity
    unsafe base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
  }

  deinit { unsafe base?.deallocate() }

  /// How many bytes wait to be read.
  public var count: Int { end - start }

  /// Whether nothing waits to be read.
  public var isEmpty: Bool { start == end }

  /// The bytes that wait to be read, for as long as `body` runs.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let base = unsafe base else {
      return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0))
    }
    return try unsafe body(UnsafeRawBufferPointer(start: base + start, count: end - start))
  }

  /// Appends what `body` writes: it is given room for at least `count` bytes and returns how many it
  /// used.
  public mutating func appending(
    atMost count: Int,
    _ body: (UnsafeMutableRawPointer) -> Int
  ) {
    reserve(count)
    guard let base = unsafe base else { return }
    let written = unsafe body(base + end)
    precondition(written >= 0 && written <= capacity - end)
    end += written
  }

  /// Appends a copy of `bytes`.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    unsafe appending(atMost: bytes.count) { room in
      unsafe room.copyMemory(from: source, byteCount: bytes.count)
      return bytes.count
    }
  }

  /// Appends a copy of `bytes`.
  public mutating func append(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe append($0) }
  }

  /// Forgets the first `count` bytes.
  public mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= end - start)
    start += count
    if start == end {
      start = 0
      end = 0
    }
  }

  /// Forgets every byte and keeps the memory.
  public mutating func removeAll() {
    start = 0
    end = 0
  }

  /// Takes back what was appended after the buffer held `count` bytes.
  public mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= end - start)
    end = start + count
  }

  /// Makes sure that `count` more bytes fit.
  public mutating func reserve(_ count: Int) {
    if capacity - end >= count { return }
    makeRoom(count)
  }

  private mutating func makeRoom(_ count: Int) {
    let held = end - start
    if let base = unsafe base, capacity - held >= count, start >= held {
      unsafe base.copyMemory(from: base + start, byteCount: held)
    } else {
      let grown = max(capacity * 2, held + count, 256)
      let fresh = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
      if let base = unsafe base {
        unsafe fresh.copyMemory(from: base + start, byteCount: held)
        unsafe base.deallocate()
      }
      unsafe base = unsafe fresh
      capacity = grown
    }
    start = 0
    end = held
  }
}
