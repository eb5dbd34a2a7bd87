internal import Arguments
internal import Spelling
internal import UsherAPI

extension Command {
  static let gateList = Command(
    name: "gate list",
    summary: "Lists the gates: how each stands, and how many wait, are inside, and can still buy.",
    examples: ["usher gate list", "usher gate list --json"],
    notes: ["Needs operator.key. In a pipe it is a line a gate, its fields between tabs."]
  ) { invocation in
    let gates = try await invocation.operating { session in
      try await session.desk.listGates(ListGatesRequest(), options: session.options)
    }
    try invocation.answer(gates, invocation.list(gates.gates))
    return .done
  }
}

extension Invocation {
  fileprivate func list(_ gates: [Gate]) -> [String] {
    var table = Table("NAME", "STANDS", "WAITING", "INSIDE", "FREE", "REVISION", "CHANGED")
    for gate in gates {
      table.add(
        gate.name,
        gate.standing,
        gate.waiting.grouped,
        gate.inside.grouped,
        gate.stock.flatMap { $0.known ? $0.free.grouped : nil } ?? "-",
        "\(gate.revision)",
        Moments.stamp(gate.changedMs)
      )
    }
    guard gates.isEmpty, console.answersToTerminal else {
      return table.lines(toTerminal: console.answersToTerminal)
    }
    return ["there is no gate; usher gate set NAME --inside N makes one"]
  }
}
