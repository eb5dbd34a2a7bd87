internal import Arguments
internal import RPCCore
internal import UsherAPI
internal import UsherClient

extension Command {
  static let health = Command(
    name: "health",
    summary: "Says whether the server, or one of its services, serves.",
    parameters: "[SERVICE]",
    examples: [
      "usher health", "usher health grpc.health.v1.Health --json",
      "usher health --watch --connect unix:/run/usher.sock",
    ],
    flags: [
      Flag("watch", isSetting: false, help: "go on, with a line whenever the answer changes")
    ],
    notes: ["Ends with 0 if it serves, and with 5 if it does not."],
    wordsMax: 1
  ) { invocation in
    let request = HealthCheckRequest(service: invocation.words.first ?? "")
    return try await invocation.connected { usher in
      let status =
        invocation.flags.has("watch")
        ? try await invocation.watch(request, usher) : try await invocation.check(request, usher)
      return status == .serving ? .done : .found
    }
  }
}

extension Invocation {
  fileprivate typealias Status = HealthCheckResponse.ServingStatus

  fileprivate func check(
    _ request: HealthCheckRequest,
    _ usher: UsherClient
  ) async throws -> Status {
    let status = try await waiting { try await usher.health.check(request, options: options) }
      .status
    show(status)
    return status
  }

  /// Shows every status until the server ends the watch, as it does when it stops. Answers the last.
  fileprivate func watch(
    _ request: HealthCheckRequest,
    _ usher: UsherClient
  ) async throws -> Status {
    var changes = usher.health.watch(request).makeAsyncIterator()
    var last: Status?
    var next = try await waiting { try await changes.next() }
    while let change = next {
      last = change.status
      show(change.status)
      next = try await changes.next()
    }
    guard let last else {
      throw Complaint("the server ended the watch before it said anything", code: .found)
    }
    return last
  }

  private func show(_ status: Status) {
    let name = status.protoName ?? "\(status.rawValue)"
    if flags.has("json") { return console.answer(JSON.object([("status", .string(name))]).text) }
    console.answer(status == .serving ? name : style.alert(name))
  }
}
