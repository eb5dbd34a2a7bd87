internal import Arguments
internal import RPCCore
internal import Wire

/// Tells on the side how a call goes, for those who asked with -v.
struct CallTrace: Sendable {
  private let console: Console?
  private let begin = ContinuousClock.now

  /// The trace of a call that is about to be made, told to `console`, or to nobody.
  init(of method: MethodDescriptor, options: CallOptions, to console: Console?) {
    self.console = console
    let timeout = options.timeout.map { ", within \($0.shortText)" } ?? ""
    tell("> \(method.path)\(timeout)")
    tell(options.metadata, mark: ">")
  }

  /// A request was sent.
  func sent(_ request: EncodedMessage) { tell("> request of \(request.bytes.count) bytes") }

  /// A response came.
  func received(_ response: EncodedMessage, unknownFields: [String]) {
    tell("< response of \(response.bytes.count) bytes after \(elapsed)")
    for field in unknownFields { tell("< this usher does not know \(field)") }
  }

  /// The call ended in OK.
  func ended(_ trailers: Metadata?) {
    tell("< \(StatusCode.ok) after \(elapsed)")
    tell(trailers ?? Metadata(), mark: "<")
  }

  /// The call ended otherwise.
  func failed(_ failure: RPCFailure) {
    let origin = failure.isFromPeer ? "" : ", said on this side,"
    tell("< \(failure.code)\(origin) after \(elapsed)")
    tell(failure.trailers, mark: "<")
  }

  private var elapsed: String {
    let microseconds = (ContinuousClock.now - begin) / .microseconds(1)
    return microseconds < 10_000
      ? "\(Int(microseconds)) µs" : "\(Int(microseconds / 1000)) ms"
  }

  /// Whoever looks over a shoulder, or reads a log, shall not find a key.
  private static let secrets = [Metadata.Key.authorization, Metadata.Key.token]

  private func tell(_ metadata: Metadata, mark: String) {
    metadata.forEach { key, value in
      let key = String(decoding: key, as: UTF8.self)
      let isShown = !Self.secrets.contains(key) && !key.hasSuffix("-bin")
      tell(
        "\(mark) \(key): "
          + (isShown ? String(decoding: value, as: UTF8.self) : "\(value.count) bytes, not shown")
      )
    }
  }

  private func tell(_ line: String) { console?.remark(line) }
}
