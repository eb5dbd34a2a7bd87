import RPCCore
import Wire
import WordsAPI

/// A dictionary of three words.
struct WordList: WordService {
  private let meanings = [
    "queue": "people who wait, in order",
    "seat": "a place to sit, for one",
    "usher": "somebody who shows people to their seats",
  ]

  func define(
    _ request: DefineRequest,
    context: CallContext
  ) async throws -> Reply<DefineResponse> {
    guard let meaning = meanings[request.word] else {
      var trailers = Metadata()
      try trailers.add(Metadata.Key.refusal, "NO_SUCH_WORD")
      throw RPCFailure(.notFound, "\(request.word) is not in here", trailers: trailers)
    }
    return Reply(DefineResponse(meaning: meaning))
  }

  func list(
    _ request: ListRequest,
    to responses: ResponseWriter<ListResponse>,
    context: CallContext
  ) async throws {
    for word in meanings.keys.sorted() where word.hasPrefix(request.prefix) {
      try await responses.write(ListResponse(word: word))
    }
  }
}
