// swift-tools-version: 6.2
import PackageDescription

/// What every target is compiled with.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "usher",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Wire", targets: ["Wire"]),
  ],
  targets: [
    // C libraries of the system
    .systemLibrary(
      name: "CProtobufC", path: "Sources/System/CProtobufC", pkgConfig: "libprotobuf-c",
      providers: [.apt(["libprotobuf-c-dev"])]),
    .systemLibrary(
      name: "CLibuv", path: "Sources/System/CLibuv", pkgConfig: "libuv",
      providers: [.apt(["libuv1-dev"])]),
    .systemLibrary(name: "CLinux", path: "Sources/System/CLinux"),

    // Generated C, never edited: see tools/generate
    .target(name: "CWire", dependencies: ["CProtobufC"]),
    .target(name: "CUsherAPI", dependencies: ["CProtobufC"]),
    .target(name: "CDescriptor", dependencies: ["CProtobufC"]),

    .target(name: "Wire", dependencies: ["CProtobufC", "CWire"], swiftSettings: strict),
    .target(name: "RPCCore", dependencies: ["Wire"], swiftSettings: strict),
    .target(name: "Transport", dependencies: ["CLibuv", "CLinux", "RPCCore", "Wire"], swiftSettings: strict),
    .testTarget(name: "WireTests", dependencies: ["Wire", "Fixtures"], swiftSettings: strict),

    .target(
      name: "UsherAPI", dependencies: ["CProtobufC", "CUsherAPI", "RPCCore", "Wire"],
      swiftSettings: strict),
    .testTarget(
      name: "UsherAPITests",
      dependencies: ["CDescriptor", "CProtobufC", "Fixtures", "RPCCore", "UsherAPI", "Wire"],
      swiftSettings: strict),

    // A schema that only tests use
    .target(
      name: "CFixtures", dependencies: ["CProtobufC"], path: "Tests/Fixtures/CFixtures"),
    .target(
      name: "Fixtures", dependencies: ["CFixtures", "CProtobufC", "RPCCore", "Wire"],
      path: "Tests/Fixtures/Generated", swiftSettings: strict),

    // protoc's plugin
    .target(
      name: "GeneratorCore", dependencies: ["CDescriptor", "CProtobufC"],
      path: "tools/protoc-gen-usher/Core", swiftSettings: strict),
    .executableTarget(
      name: "protoc-gen-usher", dependencies: ["GeneratorCore"],
      path: "tools/protoc-gen-usher/Main", swiftSettings: strict),
    .testTarget(name: "GeneratorTests", dependencies: ["GeneratorCore"], swiftSettings: strict),
  ]
)
