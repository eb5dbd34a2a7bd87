internal import Threads
public import Wire

/// The responses of a call, in order, as they come. For one consumer.
///
/// Responses that wait count against the call's credit, so whoever does not read slows the server's
/// handler down. When the stream and its iterators are let go of, the call is cancelled.
public struct ResponseStream<Response: Message>: AsyncSequence, Sendable {
  /// What is iterated over.
  public typealias Element = Response

  private let source: ResponseSource<Response>

  init(_ source: ResponseSource<Response>) { self.source = source }

  /// A stream of what `next` answers, until that is nil.
  public static func custom(
    _ next: @escaping @Sendable () async throws -> Response?
  ) -> ResponseStream {
    ResponseStream(ResponseSource(next: next))
  }

  /// The responses, each as `transform` makes it; `ended` is told when the last has come, with the
  /// failure if it was one.
  public func map(
    _ transform: @escaping @Sendable (Response) async throws -> Response,
    ended: @escaping @Sendable (RPCFailure?) -> Void = { _ in }
  ) -> ResponseStream {
    let source = source
    return ResponseStream(
      ResponseSource(trailers: { source.trailers }) {
        do {
          guard let response = try await source.next() else {
            ended(nil)
            return nil
          }
          return try await transform(response)
        } catch {
          ended(RPCFailure(telling: error))
          throw error
        }
      }
    )
  }

  /// What travelled with the status; nil until the stream has ended in OK.
  public var trailers: Metadata? { source.trailers }

  /// Begins to take responses.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }

  /// Takes one response after the other.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let source: ResponseSource<Response>
    private var isDone = false

    fileprivate init(source: ResponseSource<Response>) { self.source = source }

    /// The next response, as soon as it is there; nil when the call has ended in OK. Throws when it
    /// ended otherwise.
    public mutating func next() async throws -> Response? {
      guard !isDone else { return nil }
      do {
        let response = try await source.next()
        isDone = response == nil
        return response
      } catch {
        isDone = true
        throw error
      }
    }
  }
}

/// Where a stream's responses come from.
final class ResponseSource<Response: Message>: Sendable {
  private let nextResponse: @Sendable () async throws -> Response?
  private let currentTrailers: @Sendable () -> Metadata?
  private let onRelease: @Sendable () -> Void

  init(
    trailers: @escaping @Sendable () -> Metadata? = { nil },
    onRelease: @escaping @Sendable () -> Void = {},
    next: @escaping @Sendable () async throws -> Response?
  ) {
    nextResponse = next
    currentTrailers = trailers
    self.onRelease = onRelease
  }

  /// The responses of a call that is open. Where it turns out that the call was not run, `again` may
  /// answer another that was opened in its place.
  convenience init(
    of call: LoopBound<StreamCall>,
    again: @escaping @Sendable (AttemptFailure) async throws -> LoopBound<StreamCall>?
  ) {
    let trailers = Box<Metadata>()
    let current = Box<LoopBound<StreamCall>>()
    current.value = call
    self.init(
      trailers: { trailers.value },
      onRelease: { current.value?.run { $0.session?.cancel($0) } }
    ) {
      while let call = current.value {
        let (response, notRun): (Response?, AttemptFailure?) = try await call.onLoop { call in
          do {
            let response: Response? = try await call.nextResponse()
            if response == nil { trailers.value = call.trailers }
            return (response, nil)
          } catch {
            guard let failure = call.notRun else { throw error }
            return (nil, failure)
          }
        }
        guard let notRun else { return response }
        guard let another = try await again(notRun) else { throw notRun.failure }
        current.value = another
      }
      return nil
    }
  }

  /// The responses of a call that is made when the first is asked for.
  convenience init(
    opening open: @escaping @Sendable () async throws -> ResponseStream<Response>
  ) {
    let opened = Box<ResponseStream<Response>>()
    self.init(trailers: { opened.value?.trailers }) {
      if opened.value == nil { opened.value = try await open() }
      guard let stream = opened.value else { return nil }
      return try await stream.nextFromSource()
    }
  }

  deinit { onRelease() }

  var trailers: Metadata? { currentTrailers() }

  func next() async throws -> Response? { try await nextResponse() }
}

extension ResponseStream {
  fileprivate func nextFromSource() async throws -> Response? { try await source.next() }
}

/// A value that one task sets and another reads.
private final class Box<Value: Sendable>: Sendable {
  private let held = Guarded<Value?>(nil)

  var value: Value? {
    get { held.withLock { $0 } }
    set { held.withLock { $0 = newValue } }
  }
}
