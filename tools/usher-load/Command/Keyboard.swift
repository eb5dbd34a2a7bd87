internal import Dispatch
internal import Foundation
internal import Threads

/// The terminal's keys, which it gives a line at a time and shows, unless it is told otherwise.
enum Keyboard {
  /// How the terminal was before.
  private static let before = Guarded<termios?>(nil)

  /// Lets each key be read when it is pressed, and not be shown, until ``end()`` or the program's exit.
  /// Answers no where the terminal is another program's, for then reading from it would stop this one.
  static func begin() -> Bool {
    var settings = termios()
    // What is no terminal, as in a test, has keys of its own.
    guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return true }
    guard isOurs else { return false }
    // A program that is sent to the background while it runs hears no more keys, and goes on.
    signal(SIGTTIN, SIG_IGN)
    signal(SIGTTOU, SIG_IGN)
    let isFirst = before.withLock { before in
      defer { before = before ?? settings }
      return before == nil
    }
    if isFirst { atexit { Keyboard.end() } }
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    return tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0
  }

  /// Begins again whenever the program goes on after a stop, for shells then have the terminal as they
  /// like it.
  static func beginWhenResumed() -> any DispatchSourceSignal {
    let source = DispatchSource.makeSignalSource(signal: SIGCONT)
    source.setEventHandler { @Sendable in _ = begin() }
    source.activate()
    return source
  }

  /// Makes the terminal what it was, unless it is another program's by now.
  static func end() {
    guard var settings = before.withLock({ $0 }), isOurs else { return }
    tcsetattr(STDIN_FILENO, TCSANOW, &settings)
  }

  private static var isOurs: Bool { tcgetpgrp(STDIN_FILENO) == getpgrp() }
}
