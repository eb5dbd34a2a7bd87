internal import Glibc
internal import Measuring

/// How this process itself is: what it took of the machine.
package struct Health: Sendable, Codable {
  /// Processor time in nanoseconds, of all its threads.
  package var processorNanoseconds: UInt64 = 0
  package var seconds: Double = 0
  /// The most that it held, and what it held before anyone came.
  package var memoryBytes: UInt64 = 0
  package var memoryBeforeBytes: UInt64 = 0
  /// The most connections that were open at once.
  package var connections: UInt64 = 0
  package var living: UInt64 = 0

  package init() {}

  /// What this process has used so far.
  static var processorNanoseconds: UInt64 {
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    func nanoseconds(_ time: timeval) -> UInt64 {
      UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000
    }
    return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
  }

  /// What it holds of the machine's memory; 0 where the system does not say.
  static var residentBytes: UInt64 {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, CInt(line.count), file) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
      as: UTF8.self
    )
    let fields = text.split(separator: " ")
    return (fields.count > 1 ? UInt64(fields[1]) ?? 0 : 0) * UInt64(sysconf(CInt(_SC_PAGESIZE)))
  }

  /// How many files and connections this process may have open.
  package static var descriptorsMax: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
    return Int(clamping: limit.rlim_cur)
  }

  package mutating func merge(_ other: Health) {
    processorNanoseconds += other.processorNanoseconds
    seconds = max(seconds, other.seconds)
    memoryBytes += other.memoryBytes
    memoryBeforeBytes += other.memoryBeforeBytes
    connections += other.connections
    living += other.living
  }
}
