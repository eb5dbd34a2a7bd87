import FuzzTargets
import UsherAPI

// The fuzzer runs one input after the other on one thread.
nonisolated(unsafe) private let target = MessageTarget(MessageTypes.all)

/// What libFuzzer calls for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafeRawPointer?, _ size: Int) -> CInt {
  do throws(Broken) {
    try target.run(UnsafeRawBufferPointer(start: data, count: size))
  } catch {
    fatalError("\(error)")
  }
  return 0
}
