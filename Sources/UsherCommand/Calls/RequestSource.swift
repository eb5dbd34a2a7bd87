internal import Arguments
internal import Glibc
internal import Reflection

/// Where the requests of a call come from: JSON that was typed, or stands in files, or comes on
/// standard input. Each may hold any number of values.
struct RequestSource: Sendable {
  /// What was typed: JSON, `@FILE`, or `@-` for standard input.
  let texts: [String]
  let codec: MessageCodec
  let console: Console
  /// Whom to ask what a request looks like.
  let method: String

  /// Begins to read.
  func makeReader() -> Reader { Reader(self) }

  /// The one request of a method that takes one: an empty message if nothing was typed.
  func onlyRequest() async throws -> [UInt8] {
    guard !texts.isEmpty else { return [] }
    var reader = makeReader()
    guard let request = try await reader.next() else {
      throw Complaint(
        "there is no request",
        hint: "an empty one is {}; usher call --template \(method) prints one to fill in.",
        code: .usage
      )
    }
    guard try await reader.next() == nil else {
      throw Complaint(
        "\(method) takes one request, and there are several",
        code: .usage
      )
    }
    return request
  }

  /// Reads one request after the other, each as soon as its JSON is complete.
  struct Reader {
    private let source: RequestSource
    private var rest: ArraySlice<String>
    private var current: Piece?
    private var count = 0

    /// One of the texts, and how far it was read.
    private struct Piece {
      let name: String?
      var splitter: JSONSplitter
      var next: () async throws -> [UInt8]?
      var isAtEnd = false
    }

    fileprivate init(_ source: RequestSource) {
      self.source = source
      rest = source.texts[...]
    }

    /// The next request, encoded; nil when there are no more.
    mutating func next() async throws -> [UInt8]? {
      while true {
        if current == nil {
          guard let text = rest.popFirst() else { return nil }
          current = try piece(text)
        }
        if let request = try await nextInPiece() { return request }
        current = nil
      }
    }

    private mutating func nextInPiece() async throws -> [UInt8]? {
      guard var piece = current else { return nil }
      defer { current = piece }
      while true {
        do {
          if let part = try piece.splitter.next(isAtEnd: piece.isAtEnd) {
            count += 1
            return try source.codec.encode(json: part.bytes, startingAt: part.position)
          }
        } catch {
          throw complaint(about: error, in: piece.name)
        }
        if piece.isAtEnd { return nil }
        guard let more = try await piece.next() else {
          piece.isAtEnd = true
          continue
        }
        piece.splitter.append(more)
      }
    }

    private func piece(_ text: String) throws -> Piece {
      let splitter = JSONSplitter(valueBytesMax: CodecLimits.defaults.jsonBytesMax)
      guard text.hasPrefix("@") else {
        var all: [UInt8]? = Array(text.utf8)
        return Piece(name: nil, splitter: splitter) {
          defer { all = nil }
          return all
        }
      }
      guard text != "@-" else {
        let console = source.console
        if console.inputIsTerminal { console.remark("reading JSON; Ctrl-D ends it") }
        return Piece(name: "standard input", splitter: splitter) { await console.input() }
      }
      let path = String(text.dropFirst())
      let file = try InputFile(path)
      return Piece(name: path, splitter: splitter) { try file.next() }
    }

    private func complaint(about error: any Error, in name: String?) -> Complaint {
      let places = [name, count > 1 ? "request \(count)" : nil].compactMap { $0 }
      return Complaint(
        (places + ["\(error)"]).joined(separator: ": "),
        hint: "usher call --describe \(source.method) tells what it takes.",
        code: .usage
      )
    }
  }
}

/// A file that is read piece by piece. Used by one task.
private final class InputFile {
  private let descriptor: CInt
  private let path: String

  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.complaint(path) }
  }

  deinit { close(descriptor) }

  func next() throws -> [UInt8]? {
    while true {
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { room, used in
        count = read(descriptor, room.baseAddress, room.count)
        used = max(count, 0)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.complaint(path) }
      return count > 0 ? bytes : nil
    }
  }

  private static func complaint(_ path: String) -> Complaint {
    Complaint("cannot read \(path): \(String(cString: strerror(errno)))", code: .usage)
  }
}
