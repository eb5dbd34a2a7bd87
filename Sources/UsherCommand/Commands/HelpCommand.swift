internal import Arguments

extension Command {
  static let help = Command(
    name: "help",
    summary: "Explains usher, or one of its commands.",
    parameters: "[COMMAND]",
    examples: ["usher help", "usher help health"],
    wordsMax: 2
  ) { invocation in
    guard !invocation.words.isEmpty else {
      invocation.console.answer(UsherCommand.help.text)
      return .done
    }
    guard let help = UsherCommand.help(of: invocation.words) else {
      throw UsherCommand.noCommand(invocation.words)
    }
    invocation.console.answer(help.text)
    return .done
  }
}
