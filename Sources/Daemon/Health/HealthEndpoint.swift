public import RPCCore
public import UsherAPI
internal import Wire

/// `grpc.health.v1.Health` over a board.
public struct HealthEndpoint: HealthService {
  private let board: HealthBoard

  /// Answers what `board` says.
  public init(_ board: HealthBoard) { self.board = board }

  /// How a service does now.
  public func check(
    _ request: HealthCheckRequest,
    context: CallContext
  ) throws -> Reply<HealthCheckResponse> {
    guard let status = board.status(of: request.service) else {
      throw RPCFailure(.notFound, "there is no service \(request.service.prefix(256))")
    }
    return Reply(HealthCheckResponse(status: status))
  }

  /// How a service does now, and whenever that changes.
  public func watch(
    _ request: HealthCheckRequest,
    to responses: ResponseWriter<HealthCheckResponse>,
    context: CallContext
  ) async throws {
    for await status in board.changes(of: request.service) {
      try await responses.write(HealthCheckResponse(status: status))
    }
    try Task.checkCancellation()
  }
}
