public import CProtobufC

/// Memory for unpacking and packing: handed out by moving a pointer, taken back all at once.
///
/// protobuf-c asks its allocator for every message, string and list. Here that costs a few
/// instructions, and it is counted: a frame can make protobuf-c ask for 65 times its own size, so
/// whoever unpacks sets a budget, and a request beyond it is refused before memory is spent. After
/// a refusal ``isOverBudget`` says that it was the budget, and not the input, that stopped it.
///
/// An arena belongs to one thread at a time. What was unpacked or packed in it is gone after
/// ``reset(budget:)``.
@safe public final class Arena {
  /// What C is given. Its address, and that of the state behind it, never change.
  private let shared: UnsafeMutablePointer<ProtobufCAllocator>
  private let state: UnsafeMutablePointer<ArenaState>
  private let kept: UnsafeMutableRawBufferPointer

  /// An arena that keeps `capacity` bytes between uses and asks for more only when they run out.
  public init(capacity: Int = 64 << 10) {
    precondition(capacity >= 1024, "an arena needs at least a kibibyte")
    unsafe kept = .allocate(byteCount: capacity, alignment: ArenaState.alignment)
    unsafe state = .allocate(capacity: 1)
    unsafe shared = .allocate(capacity: 1)
    unsafe state.initialize(to: ArenaState(over: kept))
    unsafe shared.initialize(
      to: ProtobufCAllocator(alloc: arenaAllocate, free: arenaFree, allocator_data: state)
    )
  }

  deinit {
    unsafe state.pointee.freeExtraChunks()
    unsafe state.deinitialize(count: 1)
    unsafe kept.deallocate()
    unsafe state.deallocate()
    unsafe shared.deallocate()
  }

  /// Takes everything back, and lets the next users have `budget` bytes between them.
  public func reset(budget: Int = .max) {
    unsafe state.pointee.reset(over: kept, budget: budget)
  }

  /// How many bytes of the budget are left.
  public var budgetLeft: Int { unsafe state.pointee.budgetLeft }

  /// Whether a request was refused since the last reset because the budget was spent.
  public var isOverBudget: Bool { unsafe state.pointee.isOverBudget }

  /// The allocator to hand to protobuf-c. Valid as long as the arena.
  public var allocator: UnsafeMutablePointer<ProtobufCAllocator> { unsafe shared }

  /// Room for `byteCount` bytes, uninitialised; nil if that is over the budget.
  public func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    unsafe state.pointee.allocate(byteCount)
  }

  /// Room for `byteCount` bytes of what is packed, uninitialised, which no budget limits.
  @usableFromInline
  func roomForPacking(_ byteCount: Int) -> UnsafeMutableRawPointer {
    unsafe state.pointee.take(byteCount)
  }
}

/// The moving pointer and what it may still hand out. Lives at a fixed address, since C holds it.
@safe private struct ArenaState {
  static let alignment = 8
  private static let chunkBytesMin = 64 << 10

  private var cursor: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer
  private(set) var budgetLeft = Int.max
  private(set) var isOverBudget = false
  private var extraChunks: [UnsafeMutableRawPointer] = unsafe []

  init(over kept: UnsafeMutableRawBufferPointer) {
    // An arena's capacity is at least a kibibyte, so its memory has a base.
    guard let base = kept.baseAddress else { preconditionFailure("an arena without memory") }
    unsafe cursor = unsafe base
    unsafe end = unsafe base + kept.count
  }

  mutating func reset(over kept: UnsafeMutableRawBufferPointer, budget: Int) {
    if unsafe !extraChunks.isEmpty { freeExtraChunks() }
    guard let base = kept.baseAddress else { preconditionFailure("an arena without memory") }
    unsafe cursor = unsafe base
    unsafe end = unsafe base + kept.count
    budgetLeft = budget
    isOverBudget = false
  }

  @inline(__always)
  mutating func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    guard byteCount >= 0, byteCount <= budgetLeft else {
      isOverBudget = true
      return nil
    }
    budgetLeft &-= byteCount
    return unsafe take(byteCount)
  }

  @inline(__always)
  mutating func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    // Nobody has Int.max bytes to ask for, so rounding up cannot overflow.
    let rounded = (byteCount &+ (Self.alignment &- 1)) & ~(Self.alignment &- 1)
    guard unsafe end - cursor >= rounded else { return unsafe allocateInNewChunk(rounded) }
    defer { unsafe cursor += rounded }
    return unsafe cursor
  }

  @inline(never)
  private mutating func allocateInNewChunk(_ rounded: Int) -> UnsafeMutableRawPointer {
    let size = max(rounded, Self.chunkBytesMin)
    let chunk = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.alignment)
    unsafe extraChunks.append(chunk)
    unsafe cursor = unsafe chunk + rounded
    unsafe end = unsafe chunk + size
    return unsafe chunk
  }

  mutating func freeExtraChunks() {
    while let chunk = unsafe extraChunks.popLast() { unsafe chunk.deallocate() }
  }
}

/// protobuf-c's request for memory.
private func arenaAllocate(_ data: UnsafeMutableRawPointer?, _ size: Int)
  -> UnsafeMutableRawPointer?
{
  unsafe data?.assumingMemoryBound(to: ArenaState.self).pointee.allocate(size)
}

/// protobuf-c gives memory back when it gives up on a message; the arena takes all of it later.
private func arenaFree(_ data: UnsafeMutableRawPointer?, _ pointer: UnsafeMutableRawPointer?) {}
