internal import Foundation

/// What is known of the machine and the terminal.
enum Machine {
  /// The machine in a few words: kernel, cores, memory.
  static var description: String {
    let info = ProcessInfo.processInfo
    let gibibytes = Double(info.physicalMemory) / Double(1 << 30)
    return "\(kernel), \(info.activeProcessorCount) cores, "
      + "\((gibibytes * 10).rounded() / 10) GiB"
  }

  private static var kernel: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "Linux" }
    func text<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
  }

  /// How many characters fit into a line.
  static var terminalWidth: Int {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
    return isKnown ? Int(size.ws_col) : 100
  }
}
