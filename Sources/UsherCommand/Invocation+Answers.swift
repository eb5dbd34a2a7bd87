internal import Arguments
internal import Reflection
internal import UsherAPI
internal import Wire

// How commands answer: in a response's own JSON, or in lines for people.

extension Invocation {
  /// Prints a response: with --json itself, else the lines that tell of it.
  func answer(_ response: some Message, _ lines: @autoclosure () -> [String]) throws {
    guard flags.has("json") else { return say(lines()) }
    console.answer(try json(response))
  }

  /// Prints responses that are one list: with --json each on a line of its own.
  func answer(_ responses: [some Message], _ table: @autoclosure () -> Table) throws {
    guard flags.has("json") else {
      return say(table().lines(toTerminal: console.answersToTerminal))
    }
    for response in responses { console.answer(try json(response)) }
  }

  /// Prints lines for people, and nothing with --json.
  func say(_ lines: [String]) {
    guard !flags.has("json") else { return }
    for line in lines { console.answer(line) }
  }

  /// A response as `usher call` prints it.
  func json<Response: Message>(_ response: Response) throws -> String {
    guard let codec = MessageCodec(Response.messageName, in: try makeCatalog()) else {
      throw Complaint("the schema lacks \(Response.messageName)", code: .failed)
    }
    do throws(CodecFailure) {
      return try codec.decode(response.encoded()).json
    } catch {
      throw Complaint("a response cannot be read: \(error)", code: .failed)
    }
  }
}
