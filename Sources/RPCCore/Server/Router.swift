/// Finds what answers a method. Built once, then only read, by every loop.
public final class Router: Sendable {
  /// The services that can be called, in the order they were given.
  public let services: [String]

  /// Open addressing over a power of two, at most half full.
  private let table: [Route?]
  private let mask: Int

  /// A router for `services`, with `interceptors` around their methods, the first outermost.
  public init(
    services: [any RPCService],
    interceptors: [InterceptorRule] = []
  ) throws(RouterError) {
    var routes = Routes(interceptors: interceptors)
    for service in services { service.register(in: &routes) }
    if let error = routes.error { throw error }
    let known = Set(routes.all.flatMap { [$0.method.path, $0.method.service] })
    for case .named(let names) in interceptors.map(\.scope) {
      if let unknown = names.subtracting(known).min() { throw .unknownInRule(unknown) }
    }
    var capacity = 16
    while capacity < routes.all.count * 2 { capacity *= 2 }
    var table = [Route?](repeating: nil, count: capacity)
    for route in routes.all {
      var slot = route.withPath(Self.hash) & (capacity - 1)
      while table[slot] != nil { slot = (slot + 1) & (capacity - 1) }
      table[slot] = route
    }
    self.table = table
    mask = capacity - 1
    var seen: Set<String> = []
    self.services = routes.all.map(\.method.service).filter { seen.insert($0).inserted }
  }

  /// The route of the method of that path; nil if there is none.
  func find(_ path: UnsafeRawBufferPointer) -> Route? {
    var slot = Self.hash(path) & mask
    while let route = table[slot] {
      if route.isCalled(by: path) { return route }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// FNV-1a: paths are short, and whoever calls cannot choose the ones in the table.
  private static func hash(_ path: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}

/// Why a router cannot be built.
public enum RouterError: Error, Hashable {
  /// Two services answer the same method.
  case duplicateMethod(String)
  /// An interceptor, which may wait, was laid over a method that is answered at once.
  case interceptorOverAtOnce(String)
  /// A rule names a method or service that nobody answers.
  case unknownInRule(String)
}

extension RouterError: CustomStringConvertible {
  /// What is wrong, in a sentence.
  public var description: String {
    switch self {
    case .duplicateMethod(let path): "two services answer \(path)"
    case .interceptorOverAtOnce(let path):
      "an interceptor may wait, and \(path) is answered at once; use a CallScreen, or leave it out"
    case .unknownInRule(let name): "an interceptor is laid over \(name), which nobody answers"
    }
  }
}
