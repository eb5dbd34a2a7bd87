internal import Foundation
internal import Glibc

/// The file that keeps a ``BuyerState``, beside the app key that its tokens belong to. Tokens let in
/// whoever has them, so it is for its owner's eyes only.
struct BuyerFile: Sendable {
  let path: String

  init(in directory: String) {
    path = directory + (directory.hasSuffix("/") ? "" : "/") + "buyer.json"
  }

  /// What is kept; nothing where there is no file yet.
  func read() throws -> BuyerState {
    guard access(path, F_OK) == 0 else { return BuyerState() }
    guard let content = FileManager.default.contents(atPath: path) else {
      throw unusable("it cannot be read")
    }
    do {
      return try JSONDecoder().decode(BuyerState.self, from: content)
    } catch {
      throw unusable("it holds something else")
    }
  }

  /// Keeps `state` in place of what was there, whole or not at all.
  func write(_ state: BuyerState) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let bytes = Array(try encoder.encode(state)) + [UInt8(ascii: "\n")]
    let draft = "\(path).new"
    // What a command that was cut off has left.
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)
    guard descriptor >= 0 else { throw unwritable() }
    // The owner alone, whatever the umask is.
    let isWritten =
      fchmod(descriptor, S_IRUSR | S_IWUSR) == 0 && Self.write(bytes[...], to: descriptor)
    close(descriptor)
    guard isWritten, rename(draft, path) == 0 else {
      let failure = unwritable()
      unlink(draft)
      throw failure
    }
  }

  private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: CInt) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private func unusable(_ problem: String) -> Complaint {
    Complaint(
      "\(path) does not say who buys: \(problem)",
      hint: "take it away, and begin with usher enter GATE.",
      code: .failed
    )
  }

  private func unwritable() -> Complaint {
    Complaint("cannot keep \(path): \(String(cString: strerror(errno)))", code: .failed)
  }
}
