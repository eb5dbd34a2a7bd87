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

/// What reads strangers' bytes into C's structs: whatever is unsafe there says so where it stands.
let strictMemory = strict + [.strictMemorySafety()]

let package = Package(
  name: "usher",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Wire", targets: ["Wire"]),
    .library(name: "RPCCore", targets: ["RPCCore"]),
    .library(name: "Transport", targets: ["Transport"]),
    .library(name: "UsherClient", targets: ["UsherAPI", "UsherClient"]),
    // What generated code stands on, in other packages too
    .library(name: "CProtobufC", targets: ["CProtobufC"]),
    .executable(name: "protoc-gen-usher", targets: ["protoc-gen-usher"]),
    .executable(name: "usherd", targets: ["usherd"]),
    .executable(name: "usher", targets: ["usher"]),
  ],
  targets: [
    // C libraries of the system
    .systemLibrary(
      name: "CProtobufC",
      path: "Sources/System/CProtobufC",
      pkgConfig: "libprotobuf-c",
      providers: [.apt(["libprotobuf-c-dev"])]
    ),
    .systemLibrary(
      name: "CLibuv",
      path: "Sources/System/CLibuv",
      pkgConfig: "libuv",
      providers: [.apt(["libuv1-dev"])]
    ),
    .systemLibrary(
      name: "CCrypto",
      path: "Sources/System/CCrypto",
      pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]
    ),
    .systemLibrary(
      name: "CSQLite",
      path: "Sources/System/CSQLite",
      pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"])]
    ),
    .systemLibrary(
      name: "CPostgres",
      path: "Sources/System/CPostgres",
      pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"])]
    ),
    .systemLibrary(name: "CLinux", path: "Sources/System/CLinux"),

    // Generated C, never edited: see tools/generate
    .target(name: "CWire", dependencies: ["CProtobufC"]),
    .target(name: "CUsherAPI", dependencies: ["CProtobufC"]),
    .target(name: "CDescriptor", dependencies: ["CProtobufC"]),

    // What every part that shares or blocks is made with
    .target(name: "Threads", swiftSettings: strictMemory),
    .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),

    // What of libcrypto is used
    .target(name: "Crypto", dependencies: ["CCrypto", "Threads"], swiftSettings: strictMemory),
    .testTarget(name: "CryptoTests", dependencies: ["Crypto"], swiftSettings: strict),

    // RPC, which knows nothing of seats
    .target(name: "Wire", dependencies: ["CProtobufC", "CWire"], swiftSettings: strictMemory),
    .testTarget(
      name: "WireTests",
      dependencies: ["CProtobufC", "Fixtures", "TestSupport", "Wire"],
      swiftSettings: strict
    ),
    .target(
      name: "RPCCore",
      dependencies: ["CProtobufC", "Threads", "Wire"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "RPCCoreTests",
      dependencies: ["Fixtures", "RPCCore", "TestSupport", "Wire"],
      swiftSettings: strict
    ),
    .target(
      name: "Transport",
      dependencies: ["CLibuv", "CLinux", "RPCCore", "Threads", "Wire"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "TransportTests",
      dependencies: ["Fixtures", "RPCCore", "SocketSupport", "Threads", "Transport", "Wire"],
      swiftSettings: strict
    ),

    // What protoc says of a schema, for those who generate code and those who do without
    .target(
      name: "Descriptors",
      dependencies: ["CDescriptor", "CProtobufC"],
      swiftSettings: strict
    ),

    // Messages and methods by name, for programs that know a schema only when they run
    .target(
      name: "Reflection",
      dependencies: ["Descriptors", "Spelling", "Wire"],
      swiftSettings: strictMemory
    ),
    .testTarget(
      name: "ReflectionTests",
      dependencies: [
        "CFixtures", "CProtobufC", "Descriptors", "Fixtures", "Reflection", "TestSupport",
        "UsherAPI",
        "Wire",
      ],
      swiftSettings: strict
    ),

    // The API
    .target(
      name: "UsherAPI",
      dependencies: ["CProtobufC", "CUsherAPI", "RPCCore", "Wire"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "UsherAPITests",
      dependencies: [
        "CDescriptor", "CProtobufC", "Fixtures", "RPCCore", "TestSupport", "Threads", "UsherAPI",
        "Wire",
      ],
      swiftSettings: strict
    ),
    .target(
      name: "UsherClient",
      dependencies: ["RPCCore", "Transport", "UsherAPI", "Wire"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "UsherClientTests",
      dependencies: ["RPCCore", "Threads", "Transport", "UsherAPI", "UsherClient", "Wire"],
      swiftSettings: strict
    ),

    // What is sold, and how: pure, and knows nothing of RPC
    .target(name: "Domain", swiftSettings: strict),
    .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: strict),
    .target(name: "Ledger", dependencies: ["Domain", "Threads"], swiftSettings: strict),
    .testTarget(
      name: "LedgerTests",
      dependencies: ["Domain", "Ledger", "StoreSupport", "Threads"],
      swiftSettings: strict
    ),

    // Who calls, and what they may
    .target(
      name: "Access",
      dependencies: ["Crypto", "Domain", "Ledger", "RPCCore", "Threads", "UsherAPI", "Wire"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "AccessTests",
      dependencies: [
        "Access", "Crypto", "Descriptors", "Domain", "Ledger", "RPCCore", "TestSupport", "Threads",
        "UsherAPI", "Wire",
      ],
      swiftSettings: strict
    ),

    // The API's services over the ledger
    .target(
      name: "Services",
      dependencies: [
        "Access", "Crypto", "Domain", "Ledger", "RPCCore", "UsherAPI", "Wire",
      ],
      swiftSettings: strict
    ),

    .testTarget(
      name: "ServicesTests",
      dependencies: [
        "Access", "Domain", "Ledger", "RPCCore", "Services", "ServicesSupport", "StoreSupport",
        "TestSupport", "UsherAPI", "Wire",
      ],
      swiftSettings: strict
    ),

    // Where it is kept
    .target(
      name: "StoreSQLite",
      dependencies: ["CSQLite", "Domain", "Ledger", "Threads"],
      swiftSettings: strictMemory
    ),
    .testTarget(
      name: "StoreSQLiteTests",
      dependencies: [
        "CPowerLoss", "CSQLite", "Domain", "Ledger", "StoreSQLite", "StoreSupport", "TestSupport",
        "Threads",
      ],
      swiftSettings: strict
    ),
    .target(
      name: "StorePostgres",
      dependencies: ["CPostgres", "Domain", "Ledger", "Threads"],
      swiftSettings: strictMemory
    ),
    .testTarget(
      name: "StorePostgresTests",
      dependencies: [
        "Domain", "Ledger", "PostgresSupport", "StorePostgres", "StoreSupport", "Threads",
      ],
      swiftSettings: strict
    ),

    // Whether a log and its tables are right: it shares no code with what it checks
    .target(
      name: "Audit",
      dependencies: ["CProtobufC", "UsherAPI", "Wire"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "AuditTests",
      dependencies: [
        "Audit", "Domain", "Ledger", "RPCCore", "ServicesSupport", "StoreSupport", "TestSupport",
        "UsherAPI", "Wire",
      ],
      swiftSettings: strict
    ),

    // The programs
    .target(name: "Spelling", swiftSettings: strict),
    .testTarget(name: "SpellingTests", dependencies: ["Spelling"], swiftSettings: strict),
    .target(name: "Arguments", dependencies: ["Spelling"], swiftSettings: strict),
    .testTarget(name: "ArgumentsTests", dependencies: ["Arguments"], swiftSettings: strict),
    .target(
      name: "Daemon",
      dependencies: [
        "Access", "Arguments", "CLinux", "Domain", "Ledger", "RPCCore", "Services", "Spelling",
        "StorePostgres", "StoreSQLite", "Threads", "Transport", "UsherAPI", "Wire",
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "DaemonTests",
      dependencies: [
        "Arguments", "Daemon", "RPCCore", "TestSupport", "Transport", "UsherAPI", "Wire",
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "usherd",
      dependencies: ["Arguments", "Daemon"],
      swiftSettings: strict
    ),
    .target(
      name: "UsherCommand",
      dependencies: [
        "Arguments", "Audit", "Descriptors", "RPCCore", "Reflection", "Spelling", "Transport",
        "UsherAPI",
        "UsherClient", "Wire",
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "UsherCommandTests",
      dependencies: [
        "Access", "Arguments", "Audit", "CFixtures", "Daemon", "Descriptors", "Domain", "Fixtures",
        "Ledger", "RPCCore", "Reflection", "ServicesSupport", "StoreSupport", "TestSupport",
        "Threads", "Transport", "UsherAPI", "UsherCommand", "Wire",
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "usher",
      dependencies: ["Arguments", "UsherCommand"],
      swiftSettings: strict
    ),

    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "CLinux", "RPCCore", "SocketSupport", "TestSupport", "Threads", "Transport", "UsherAPI",
        "Wire",
      ],
      swiftSettings: strict
    ),

    // A store in memory, and what every store has to do
    .target(
      name: "StoreSupport",
      dependencies: ["Domain", "Ledger", "Threads"],
      path: "Tests/StoreSupport",
      swiftSettings: strict
    ),
    .testTarget(
      name: "StoreSupportTests",
      dependencies: ["Domain", "Ledger", "StoreSupport"],
      swiftSettings: strict
    ),

    // A disk in memory for SQLite, which can lose power
    .target(name: "CPowerLoss", dependencies: ["CSQLite"], path: "Tests/PowerLoss"),

    // The tests' PostgreSQL server, and ways to be in its way
    .target(
      name: "PostgresSupport",
      dependencies: ["CPostgres", "Threads"],
      path: "Tests/PostgresSupport",
      swiftSettings: strict
    ),

    // A whole server on a simulated loop
    .target(
      name: "ServicesSupport",
      dependencies: [
        "Access", "Domain", "Ledger", "RPCCore", "Services", "StoreSupport", "TestSupport",
        "Threads", "UsherAPI", "Wire",
      ],
      path: "Tests/ServicesSupport",
      swiftSettings: strict
    ),

    // What tests share: a loop and links of their own, and a schema
    .target(
      name: "TestSupport",
      dependencies: ["CProtobufC", "RPCCore", "Threads", "Wire"],
      path: "Tests/TestSupport",
      swiftSettings: strict
    ),
    .target(
      name: "SocketSupport",
      dependencies: ["RPCCore", "Threads", "Transport", "Wire"],
      path: "Tests/SocketSupport",
      swiftSettings: strict
    ),
    .target(
      name: "CFixtures",
      dependencies: ["CProtobufC"],
      path: "Tests/Fixtures/CFixtures"
    ),
    .target(
      name: "Fixtures",
      dependencies: ["CFixtures", "CProtobufC", "RPCCore", "Wire"],
      path: "Tests/Fixtures/Generated",
      swiftSettings: strict
    ),

    // The README's example, with a schema of its own
    .target(
      name: "CGreeter",
      dependencies: ["CProtobufC"],
      path: "Tests/Example/CGreeter"
    ),
    .target(
      name: "GreeterAPI",
      dependencies: ["CGreeter", "CProtobufC", "RPCCore", "Wire"],
      path: "Tests/Example/Generated",
      swiftSettings: strict
    ),

    // The example of the article on services of one's own, in the folders that it names
    .target(
      name: "CWordsAPI",
      dependencies: ["CProtobufC"],
      path: "Tests/Example/words/Sources/CWordsAPI"
    ),
    .target(
      name: "WordsAPI",
      dependencies: ["CProtobufC", "CWordsAPI", "RPCCore", "Wire"],
      path: "Tests/Example/words/Sources/WordsAPI",
      swiftSettings: strict
    ),
    .executableTarget(
      name: "words",
      dependencies: ["RPCCore", "Transport", "Wire", "WordsAPI"],
      path: "Tests/Example/words/Sources/words",
      swiftSettings: strict
    ),
    .testTarget(
      name: "ExampleTests",
      dependencies: ["GreeterAPI", "RPCCore", "Transport", "words"],
      swiftSettings: strict
    ),

    // What tools/fuzz runs, and the inputs that it kept
    .target(
      name: "FuzzTargets",
      dependencies: ["Wire"],
      path: "Tests/FuzzTargets",
      swiftSettings: strict
    ),
    .testTarget(
      name: "FuzzTargetsTests",
      dependencies: ["FuzzTargets", "UsherAPI"],
      swiftSettings: strict
    ),

    // protoc's plugin
    .target(
      name: "GeneratorCore",
      dependencies: ["CDescriptor", "CProtobufC", "Descriptors"],
      path: "tools/protoc-gen-usher/Core",
      swiftSettings: strict
    ),
    .executableTarget(
      name: "protoc-gen-usher",
      dependencies: ["Descriptors", "GeneratorCore"],
      path: "tools/protoc-gen-usher/Main",
      swiftSettings: strict
    ),
    .testTarget(
      name: "GeneratorTests",
      dependencies: ["Descriptors", "GeneratorCore"],
      swiftSettings: strict
    ),

    // Benches
    .executableTarget(
      name: "postgres-bench",
      dependencies: ["Domain", "Ledger", "StorePostgres"],
      path: "tools/benches/postgres",
      swiftSettings: strict
    ),
    .executableTarget(
      name: "rpc-bench-server",
      dependencies: ["Arguments", "Daemon", "RPCCore", "Transport", "UsherAPI", "Wire"],
      path: "tools/benches/rpc/Server",
      swiftSettings: strict
    ),
    .executableTarget(
      name: "booking-bench",
      dependencies: ["Arguments", "RPCCore", "Transport", "UsherAPI", "Wire"],
      path: "tools/benches/booking/Driver",
      swiftSettings: strict
    ),
    .executableTarget(
      name: "store-bench",
      dependencies: ["Arguments", "Domain", "Ledger", "StoreSQLite"],
      path: "tools/benches/store",
      swiftSettings: strict
    ),
  ]
)
