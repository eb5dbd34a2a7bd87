internal import Arguments
internal import Descriptors
internal import Foundation
internal import Measuring
internal import RPCCore
internal import Reflection
internal import Rehearsal
internal import Reports
internal import Scenarios
internal import Transport
internal import UsherAPI
internal import UsherCommand
internal import Wire

extension Order {
  static let call = Order(
    name: "call",
    summary: "Calls one method over and over, at a rate or by so many callers.",
    parameters: "[METHOD]",
    examples: [
      "usher-load call Health/Check --callers 64 --time-limit 10s",
      "usher-load call ConcertService/ListConcerts --arrive '1000/s for 30s' --expect 'p99(call)<5ms'",
      "usher-load call UserService/Register -d '{\"name\": \"person {{n}}\"}' --arrive '200/s for 10s'",
    ],
    flags: LoadFlags.plan + LoadFlags.run + LoadFlags.calls,
    notes: [
      "Placeholders of a request: {{n}} the call's number, {{uuid}}, {{random 1 50}}, {{pick a b c}},",
      "{{now_ms}}. A method that changes something gets an idempotency key of its own for each call.",
      "",
    ]
  ) { try await $0.call() }
}

extension Settings {
  fileprivate func call() async throws -> ExitCode {
    guard words.count < 2 else { throw UsageError("usher-load call takes one method") }
    var scenario = try scenario(.call, calling: words.first)
    var plan = scenario.call ?? CallPlan(method: "")
    let catalog = try Catalog(descriptorSet: UsherSchema.descriptorSet)
    let found = try catalog.method(named: plan.method)
    plan.method = "\(found.service)/\(found.schema.name)"
    scenario.call = plan
    try scenario.check()
    let seed = scenario.seed ?? UInt64.random(in: 1...999_999_999)
    scenario.seed = seed
    return try await call(found, plan, of: scenario, seed: seed, catalog)
  }

  private func call(
    _ found: CatalogMethod,
    _ plan: CallPlan,
    of scenario: Scenario,
    seed: UInt64,
    _ catalog: Catalog
  ) async throws -> ExitCode {
    let loops = EventLoopGroup(count: try count("loops") ?? 1, name: "usher-load")
    defer { loops.stop() }
    let maker = try CallMaker(found, plan, seed: seed, keys: keys, catalog)
    let run = try CallRun(
      of: scenario,
      seed: seed,
      method: maker.method,
      try maker.calls(),
      on: Grounds(to: [address], on: loops),
      connections: try connections(orElse: min(64, max(1, scenario.callers ?? 16))),
      recordings: try recordings(of: scenario)
    )
    let circumstances = circumstances
    let view = view(of: scenario, seed: seed, circumstances)
    let rehearsed = try await view.during { try await run.run { view.show($0) } }
    return try tell(RecordMaker(rehearsed, circumstances).record)
  }
}

/// Makes requests of a template, as the schema says that they are.
struct CallMaker: Sendable {
  let method: MethodDescriptor
  private let template: PayloadTemplate
  private let metadata: [(name: String, value: PayloadTemplate)]
  private let codec: MessageCodec
  private let keys: Keys
  private let seed: UInt64
  /// Of this run alone, for a key that was used before is answered with what it did then.
  private let run = UInt64.random(in: 0 ... .max)

  init(
    _ found: CatalogMethod,
    _ plan: CallPlan,
    seed: UInt64,
    keys: Keys,
    _ catalog: Catalog
  ) throws {
    method = MethodDescriptor(found)
    template = try PayloadTemplate(parsing: plan.request)
    metadata = try plan.metadata.map { ($0.name, try PayloadTemplate(parsing: $0.value)) }
    guard let codec = MessageCodec(found.schema.request, in: catalog) else {
      throw Complaint("the schema has no message \(found.schema.request)", code: .failed)
    }
    self.codec = codec
    self.seed = seed
    self.keys = keys
  }

  /// The calls, each tried once before any is made: a request that is none is refused here.
  func calls() throws -> CallRun.Calls {
    let first = try call(0)
    let isSame =
      template.isConstant && metadata.allSatisfy(\.value.isConstant) && method.effects != .some
    // What is no request for one number is counted as one that could not be sent.
    return isSame ? .one(first) : .each { number in try? call(number) }
  }

  private func call(_ number: Int) throws -> CallRun.Call {
    var random = SeededRandom(seed: seed, part: UInt64(number))
    let values = PayloadTemplate.Values(
      number: number,
      nowMs: Int64(Date().timeIntervalSince1970 * 1_000)
    )
    let json = template.expanded(with: values, random: &random)
    let request = try EncodedMessage(codec.encode(json: Array(json.utf8)))
    var metadata = Metadata()
    for (name, value) in self.metadata {
      do throws(MetadataFault) {
        try metadata.add(name, value.expanded(with: values, random: &random))
      } catch .invalidKey {
        throw UsageError("--metadata: \"\(name)\" is not a key of a-z0-9._-")
      } catch {
        throw UsageError("--metadata: the value of \(name) is not ASCII, or too long")
      }
    }
    try keys.add(to: &metadata, toCall: method.service)
    if method.effects == .some, metadata[Metadata.Key.idempotencyKey] == nil {
      let key = "load-\(String(run, radix: 36))-\(number)"
      try metadata.add(Metadata.Key.idempotencyKey, key)
    }
    return CallRun.Call(request: request, metadata: metadata)
  }
}
