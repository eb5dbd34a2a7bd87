import CDescriptor
import CProtobufC
import RPCCore
import Testing
import UsherAPI
import Wire

@Suite("The embedded schema") struct SchemaTests {
  private struct Unreadable: Error {}

  /// What `body` finds in the set. Strings in descriptors are protoc's own, and need no check.
  private func withSet<Result>(
    _ body: (Google__Protobuf__FileDescriptorSet) throws -> Result
  ) throws -> Result {
    let bytes = UsherSchema.descriptorSet
    let set = google__protobuf__file_descriptor_set__unpack(
      nil,
      bytes.count,
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    )
    guard let set else { throw Unreadable() }
    defer { google__protobuf__file_descriptor_set__free_unpacked(set, nil) }
    return try body(set.pointee)
  }

  private func files(
    _ set: Google__Protobuf__FileDescriptorSet
  ) -> [Google__Protobuf__FileDescriptorProto] {
    (0..<set.n_file).compactMap { set.file[$0]?.pointee }
  }

  private static let services = [
    ConcertMethods.service, EventMethods.service, GateMethods.service, HealthMethods.service,
    OperatorMethods.service, PaymentMethods.service, ReservationMethods.service,
    UserMethods.service, WalletMethods.service,
  ]

  @Test("It lists every service with every method")
  func services() throws {
    let inSchema = try withSet { set in
      files(set).flatMap { file in
        (0..<file.n_service).compactMap { file.service[$0]?.pointee }.map { service in
          let methods = (0..<service.n_method).compactMap { service.method[$0] }
            .map { String(cString: $0.pointee.name) }
          let name = String(cString: file.package) + "." + String(cString: service.name)
          return "\(name): \(methods)"
        }
      }
    }
    let generated = Self.services.map { "\($0.name): \($0.methods.map(\.name))" }
    #expect(inSchema.sorted() == generated.sorted())
  }

  @Test("Every file stands after those that it imports")
  func order() throws {
    try withSet { set in
      var seen: Set<String> = []
      for file in files(set) {
        for index in 0..<file.n_dependency {
          let path = try #require(file.dependency[index])
          #expect(seen.contains(String(cString: path)))
        }
        seen.insert(String(cString: file.name))
      }
      #expect(seen.contains("usher/v1/gates.proto"))
    }
  }

  @Test("It carries the comments")
  func comments() throws {
    let comments = try withSet { set in
      files(set).flatMap { file -> [String] in
        guard let info = file.source_code_info?.pointee else { return [] }
        return (0..<info.n_location).compactMap { info.location[$0]?.pointee.leading_comments }
          .map { String(cString: $0) }
      }
    }
    #expect(comments.contains(" What one waiter is told.\n"))
  }

  @Test("Those methods answer at once that only read what is in memory, and no others")
  func atOnce() {
    let names = Self.services.flatMap(\.methods).filter(\.isAtOnce).map {
      "\($0.service)/\($0.name)"
    }
    #expect(
      Set(names) == [
        "grpc.health.v1.Health/Check", "usher.v1.GateService/Check",
        "usher.v1.ConcertService/ListConcerts", "usher.v1.ConcertService/ListDates",
        "usher.v1.ConcertService/ListSeats",
      ]
    )
  }

  @Test("Those methods have no effects that only read")
  func effects() {
    let reading = Self.services.flatMap(\.methods).filter { $0.effects == .none }.map(\.name)
    #expect(
      Set(reading) == [
        "Check", "Watch", "Prove", "Get", "List", "GetBalance", "ListEntries", "ListConcerts",
        "ListDates", "ListSeats", "Subscribe", "Stats", "Export", "ExplainTicket", "GetGate",
        "ListGates",
      ]
    )
    #expect(Self.services.flatMap(\.methods).allSatisfy { $0.effects != .idempotent })
  }

  @Test("What streams is known to stream")
  func kinds() {
    let streaming = Self.services.flatMap(\.methods).filter { $0.kind != .unary }
    #expect(Set(streaming.map(\.name)) == ["Watch", "Subscribe", "Export"])
    #expect(streaming.allSatisfy { $0.kind == .serverStreaming })
  }

  @Test("Refusals go by their names on the wire")
  func refusals() {
    #expect(Refusal.seatTaken.shortName == "SEAT_TAKEN")
    #expect(Refusal(protoName: "OUTCOME_UNKNOWN") == .outcomeUnknown)
    #expect(Refusal.knownValues.allSatisfy { $0.protoName?.hasPrefix("REFUSAL_") == true })
    #expect(Set(Refusal.knownValues.map(\.rawValue)).count == Refusal.knownValues.count)
  }
}
