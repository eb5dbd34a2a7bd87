internal import Foundation
internal import Glibc

/// What the process takes of the machine.
enum Memory {
  /// Bytes of memory that are really there; 0 where the system does not say.
  static var residentBytes: UInt64 {
    // The second number of statm is the resident pages; without /proc there is nothing to tell.
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return 0
    }
    let numbers = text.split(separator: " ")
    guard numbers.count > 1, let pages = UInt64(numbers[1]) else { return 0 }
    return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
