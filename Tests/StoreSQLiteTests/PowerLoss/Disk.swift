import CPowerLoss
import Threads

/// A disk in memory that SQLite knows by name. Its name goes with the value, once nothing is open.
///
/// Sendable, for the disk has a lock of its own.
final class Disk: @unchecked Sendable {
  private static let made = Guarded(0)

  let name: String
  private let raw: OpaquePointer

  init() {
    let number = Self.made.withLock { made in
      made += 1
      return made
    }
    name = "usher-disk-\(number)"
    guard let raw = usher_disk_new(name) else { preconditionFailure("no memory for a disk") }
    self.raw = raw
  }

  deinit { usher_disk_free(raw) }

  var hasFailed: Bool { usher_disk_has_failed(raw) != 0 }

  /// How many writes, truncations, syncs and deletions there were.
  var steps: Int { usher_disk_steps(raw) }

  /// Plans a fault so many steps from now.
  func plan(_ fault: usher_disk_fault, in steps: Int) { usher_disk_plan(raw, fault, steps) }

  /// Power comes back. Where there is a seed, it says what is left of that which was not synced.
  func recover(keepingSome seed: UInt64?) {
    let rest = seed == nil ? USHER_DISK_KEEPS_NOTHING : USHER_DISK_KEEPS_SOME
    usher_disk_recover(raw, rest, seed ?? 0)
  }

  /// Has room for so many bytes, or for all that come.
  func limit(bytes: Int64?) { usher_disk_limit(raw, bytes ?? -1) }

  func size(of path: String) -> Int64 { usher_disk_size(raw, path) }
}
