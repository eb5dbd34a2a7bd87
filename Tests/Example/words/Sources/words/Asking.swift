import RPCCore
import Transport
import WordsAPI

/// What `word` means; for a word that is not known, those with the same first letter.
func ask(_ word: String, at addresses: [SocketAddress]) async throws -> String {
  try await withClient(to: addresses) { client in
    let words = WordClient(client)
    do {
      return try await words.define(DefineRequest(word: word)).meaning
    } catch let failure as RPCFailure where failure.refusal == "NO_SUCH_WORD" {
      var known: [String] = []
      for try await entry in words.list(ListRequest(prefix: String(word.prefix(1)))) {
        known.append(entry.word)
      }
      return "not known; known are: \(known.joined(separator: ", "))"
    }
  }
}
