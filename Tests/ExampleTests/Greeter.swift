import GreeterAPI
import RPCCore
import Transport

struct Greeter: GreeterService {
  func greet(_ request: GreetRequest, context: CallContext) async throws -> Reply<GreetResponse> {
    Reply(GreetResponse(text: "Hello, \(request.name)."))
  }
}

func serveAndCall() async throws -> String {
  let loops = EventLoopGroup()
  defer { loops.stop() }
  let core = ServerCore(router: try Router(services: [Greeter()]))
  let server = try await Server(
    listeningOn: [.tcp(host: "127.0.0.1", port: 0)],
    loops: loops,
    offers: [.usher(core)]
  )
  let answer = try await withClient(to: server.addresses) { client in
    try await GreeterClient(client).greet(GreetRequest(name: "Ada"))
  }
  _ = await server.stop(within: .seconds(5))
  return answer.text
}
