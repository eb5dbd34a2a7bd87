package import RPCCore
package import UsherAPI
internal import Wire

// Gates are not built yet: there is none to be found, and none can be made.

extension OperatorDesk {
  package func setGate(
    _ request: SetGateRequest,
    context: CallContext
  ) async throws -> Reply<SetGateResponse> {
    throw RPCFailure(.unimplemented, "this server has no gates yet")
  }

  package func getGate(
    _ request: GetGateRequest,
    context: CallContext
  ) async throws -> Reply<Gate> {
    throw noGate(request.name)
  }

  package func listGates(
    _ request: ListGatesRequest,
    context: CallContext
  ) async throws -> Reply<ListGatesResponse> {
    Reply(ListGatesResponse())
  }

  package func pauseGate(
    _ request: ChangeGateRequest,
    context: CallContext
  ) async throws -> Reply<Gate> {
    throw noGate(request.name)
  }

  package func resumeGate(
    _ request: ChangeGateRequest,
    context: CallContext
  ) async throws -> Reply<Gate> {
    throw noGate(request.name)
  }

  package func drainGate(
    _ request: ChangeGateRequest,
    context: CallContext
  ) async throws -> Reply<Gate> {
    throw noGate(request.name)
  }

  package func newEpoch(
    _ request: ChangeGateRequest,
    context: CallContext
  ) async throws -> Reply<Gate> {
    throw noGate(request.name)
  }

  package func explainTicket(
    _ request: ExplainTicketRequest,
    context: CallContext
  ) async throws -> Reply<ExplainTicketResponse> {
    throw RPCFailure(.unimplemented, "this server has no gates yet")
  }

  private func noGate(_ name: String) -> RPCFailure {
    RPCFailure(.gateNotFound, "there is no gate \(name.prefix(64))")
  }
}
