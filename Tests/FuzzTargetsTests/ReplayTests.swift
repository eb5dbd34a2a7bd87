import Foundation
import FuzzTargets
import Testing
import UsherAPI

/// Inputs that once failed under tools/fuzz, and some that lead a fuzzer to where it should look.
@Suite("Inputs kept from fuzzing")
struct ReplayTests {
  @Test("Frames are read or refused, and nothing breaks", arguments: try FuzzCase.all(of: "frames"))
  func frames(_ kept: FuzzCase) throws {
    try kept.bytes.withUnsafeBytes { try FrameTarget().run($0) }
  }

  @Test(
    "Messages are decoded or refused, and nothing breaks",
    arguments: try FuzzCase.all(of: "messages")
  )
  func messages(_ kept: FuzzCase) throws {
    try kept.bytes.withUnsafeBytes { try MessageTarget(MessageTypes.all).runAll($0) }
  }
}

/// One input, in a file of its own.
struct FuzzCase: CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]

  var testDescription: String { name }

  static func all(of target: String) throws -> [FuzzCase] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../FuzzCases/\(target)")
    return try FileManager.default
      .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .map { FuzzCase(name: $0.lastPathComponent, bytes: [UInt8](try Data(contentsOf: $0))) }
      .sorted { $0.name < $1.name }
  }
}
