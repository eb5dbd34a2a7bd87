// swift-tools-version: 6.2
import PackageDescription

/// What every target is compiled with: it is set at the end, for all of them at once.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// What reads strangers' bytes into C's structs, or has the system's in its hands: whatever is unsafe
/// there says so where it stands.
let strictMemory: Set = [
  "Crypto", "Reflection", "StorePostgres", "StoreSQLite", "Threads", "Wire",
]

/// The parts of the report's page, which become bytes of the program: it writes pages without a file
/// beside it.
let page: [Resource] = [
  "page.html", "style.css", "numbers.js", "draw.js", "time.js", "crowd.js", "calls.js", "seats.js",
  "start.js",
].map { .embedInCode("Page/\($0)") }

/// A C library of the system, and the Debian package that it comes in.
func system(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(
    name: name,
    path: "Sources/System/\(name)",
    pkgConfig: pkgConfig,
    providers: [.apt([debian])]
  )
}

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
    .executable(name: "usher-load", targets: ["usher-load"]),
  ],
  targets: [
    // C libraries of the system
    system("CProtobufC", pkgConfig: "libprotobuf-c", debian: "libprotobuf-c-dev"),
    system("CLibuv", pkgConfig: "libuv", debian: "libuv1-dev"),
    system("CCrypto", pkgConfig: "libcrypto", debian: "libssl-dev"),
    system("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
    system("CPostgres", pkgConfig: "libpq", debian: "libpq-dev"),
    .systemLibrary(name: "CLinux", path: "Sources/System/CLinux"),

    // Generated C, never edited: see tools/generate
    .target(name: "CWire", dependencies: ["CProtobufC"]),
    .target(name: "CUsherAPI", dependencies: ["CProtobufC"]),
    .target(name: "CDescriptor", dependencies: ["CProtobufC"]),

    // What every part that shares or blocks is made with
    .target(name: "Threads"),
    .testTarget(name: "ThreadsTests", dependencies: ["Threads"]),

    // What of libcrypto is used
    .target(name: "Crypto", dependencies: ["CCrypto", "Threads"]),
    .testTarget(name: "CryptoTests", dependencies: ["Crypto"]),

    // RPC, which knows nothing of seats
    .target(name: "Wire", dependencies: ["CProtobufC"]),
    .testTarget(
      name: "WireTests",
      dependencies: ["CProtobufC", "Fixtures", "FuzzTargets", "TestSupport", "Wire"]
    ),
    .target(
      name: "RPCCore",
      dependencies: ["CProtobufC", "Threads", "Wire"]
    ),
    .testTarget(
      name: "RPCCoreTests",
      dependencies: ["Fixtures", "RPCCore", "TestSupport", "Wire"]
    ),
    .target(
      name: "Transport",
      dependencies: ["CLibuv", "CLinux", "RPCCore", "Threads", "Wire"]
    ),
    .testTarget(
      name: "TransportTests",
      dependencies: [
        "Fixtures", "RPCCore", "SocketSupport", "TestSupport", "Threads", "Transport", "Wire",
      ]
    ),

    // What protoc says of a schema, for those who generate code and those who do without
    .target(
      name: "Descriptors",
      dependencies: ["CDescriptor", "CProtobufC"]
    ),

    // Messages and methods by name, for programs that know a schema only when they run
    .target(
      name: "Reflection",
      dependencies: ["Descriptors", "Spelling", "Wire"]
    ),
    .testTarget(
      name: "ReflectionTests",
      dependencies: [
        "CFixtures", "CProtobufC", "Descriptors", "Fixtures", "Reflection", "TestSupport",
        "UsherAPI",
        "Wire",
      ]
    ),

    // The API
    .target(
      name: "UsherAPI",
      dependencies: ["CProtobufC", "CUsherAPI", "RPCCore", "Wire"]
    ),
    .testTarget(
      name: "UsherAPITests",
      dependencies: [
        "CDescriptor", "CProtobufC", "Fixtures", "RPCCore", "TestSupport", "Threads", "UsherAPI",
        "Wire",
      ]
    ),
    .target(
      name: "UsherClient",
      dependencies: ["Crypto", "RPCCore", "Transport", "UsherAPI", "Wire"]
    ),
    .testTarget(
      name: "UsherClientTests",
      dependencies: ["RPCCore", "Threads", "Transport", "UsherAPI", "UsherClient", "Wire"]
    ),

    // What is sold, and how: pure, and knows nothing of RPC
    .target(name: "Domain", dependencies: ["Crypto"]),
    .testTarget(name: "DomainTests", dependencies: ["Domain"]),
    .target(name: "Ledger", dependencies: ["Crypto", "Domain", "Threads"]),
    .testTarget(
      name: "LedgerTests",
      dependencies: ["Crypto", "Domain", "GateSupport", "Ledger", "StoreSupport", "Threads"]
    ),

    // Who calls, and what they may
    .target(
      name: "Access",
      dependencies: ["Crypto", "Domain", "Ledger", "RPCCore", "Threads", "UsherAPI", "Wire"]
    ),
    .testTarget(
      name: "AccessTests",
      dependencies: [
        "Access", "Crypto", "Descriptors", "Domain", "Ledger", "RPCCore", "StoreSupport",
        "TestSupport", "Threads", "UsherAPI", "Wire",
      ]
    ),

    // The API's services over the ledger
    .target(
      name: "Services",
      dependencies: [
        "Access", "Crypto", "Domain", "Ledger", "RPCCore", "UsherAPI", "Wire",
      ]
    ),

    .testTarget(
      name: "ServicesTests",
      dependencies: [
        "Access", "Crypto", "Domain", "Ledger", "RPCCore", "Services", "ServicesSupport",
        "StoreSQLite", "StoreSupport", "TestSupport", "Threads", "UsherAPI", "UsherClient", "Wire",
      ]
    ),

    // Where it is kept
    .target(name: "CGatheredLog", dependencies: ["CSQLite"]),
    .target(
      name: "StoreSQLite",
      dependencies: ["CGatheredLog", "CSQLite", "Domain", "Ledger", "Threads"]
    ),
    .testTarget(
      name: "StoreSQLiteTests",
      dependencies: [
        "CPowerLoss", "CSQLite", "Domain", "Ledger", "StoreSQLite", "StoreSupport", "TestSupport",
        "Threads",
      ]
    ),
    .target(
      name: "StorePostgres",
      dependencies: ["CPostgres", "Domain", "Ledger", "Threads"]
    ),
    .testTarget(
      name: "StorePostgresTests",
      dependencies: [
        "Domain", "Ledger", "PostgresSupport", "StorePostgres", "StoreSupport", "Threads",
      ]
    ),

    // Whether a log and its tables are right: it shares no code with what it checks
    .target(
      name: "Audit",
      dependencies: ["Crypto", "CProtobufC", "UsherAPI", "Wire"]
    ),
    .testTarget(
      name: "AuditTests",
      dependencies: [
        "Audit", "Domain", "Ledger", "RPCCore", "ServicesSupport", "StoreSupport", "TestSupport",
        "UsherAPI", "Wire",
      ]
    ),

    // The programs, and what they all say to people alike
    .target(name: "Spelling"),
    .testTarget(name: "SpellingTests", dependencies: ["Spelling"]),
    .target(name: "Arguments", dependencies: ["Spelling"]),
    .testTarget(name: "ArgumentsTests", dependencies: ["Arguments"]),
    .target(
      name: "Daemon",
      dependencies: [
        "Access", "Arguments", "CLinux", "Crypto", "Domain", "Ledger", "RPCCore", "Services",
        "Spelling", "StorePostgres", "StoreSQLite", "Threads", "Transport", "UsherAPI", "Wire",
      ]
    ),
    .testTarget(
      name: "DaemonTests",
      dependencies: [
        "Arguments", "Daemon", "RPCCore", "TestSupport", "Transport", "UsherAPI", "Wire",
      ]
    ),
    .executableTarget(name: "usherd", dependencies: ["Arguments", "Daemon"]),
    .target(
      name: "UsherCommand",
      dependencies: [
        "Arguments", "Audit", "Descriptors", "RPCCore", "Reflection", "Spelling", "Transport",
        "UsherAPI",
        "UsherClient", "Wire",
      ]
    ),
    .testTarget(
      name: "UsherCommandTests",
      dependencies: [
        "Access", "Arguments", "Audit", "CFixtures", "Daemon", "Descriptors", "Domain", "Fixtures",
        "Ledger", "RPCCore", "Reflection", "ServicesSupport", "StoreSupport", "TestSupport",
        "Threads", "Transport", "UsherAPI", "UsherCommand", "Wire",
      ]
    ),
    .executableTarget(name: "usher", dependencies: ["Arguments", "UsherCommand"]),

    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "Audit", "CLinux", "PostgresSupport", "RPCCore", "SocketSupport", "TestSupport", "Threads",
        "Transport", "UsherAPI", "Wire",
      ]
    ),

    // A store in memory, and what every store has to do
    .target(
      name: "StoreSupport",
      dependencies: ["Domain", "Ledger", "Threads"],
      path: "Tests/StoreSupport"
    ),
    .testTarget(
      name: "StoreSupportTests",
      dependencies: ["Domain", "Ledger", "StoreSupport"]
    ),

    // Sales by chance at gates, and what they are judged by
    .target(
      name: "GateSupport",
      dependencies: ["Crypto", "Domain", "Ledger", "StoreSupport", "Threads"],
      path: "Tests/GateSupport"
    ),

    // A disk in memory for SQLite, which can lose power
    .target(name: "CPowerLoss", dependencies: ["CSQLite"], path: "Tests/PowerLoss"),

    // The tests' PostgreSQL server, and ways to be in its way
    .target(
      name: "PostgresSupport",
      dependencies: ["CPostgres", "Threads"],
      path: "Tests/PostgresSupport"
    ),

    // A whole server on a simulated loop
    .target(
      name: "ServicesSupport",
      dependencies: [
        "Access", "Domain", "Ledger", "RPCCore", "Services", "StoreSupport", "TestSupport",
        "Threads", "Transport", "UsherAPI", "Wire",
      ],
      path: "Tests/ServicesSupport"
    ),

    // What tests share: a loop and links of their own, and a schema
    .target(
      name: "TestSupport",
      dependencies: ["CProtobufC", "RPCCore", "Threads", "Wire"],
      path: "Tests/TestSupport"
    ),
    .target(
      name: "SocketSupport",
      dependencies: ["RPCCore", "Threads", "Transport", "Wire"],
      path: "Tests/SocketSupport"
    ),
    .target(
      name: "CFixtures",
      dependencies: ["CProtobufC"],
      path: "Tests/Fixtures/CFixtures"
    ),
    .target(
      name: "Fixtures",
      dependencies: ["CFixtures", "CProtobufC", "RPCCore", "Wire"],
      path: "Tests/Fixtures/Generated"
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
      path: "Tests/Example/Generated"
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
      path: "Tests/Example/words/Sources/WordsAPI"
    ),
    .executableTarget(
      name: "words",
      dependencies: ["RPCCore", "Transport", "Wire", "WordsAPI"],
      path: "Tests/Example/words/Sources/words"
    ),
    .testTarget(
      name: "ExampleTests",
      dependencies: ["GreeterAPI", "RPCCore", "Transport", "words"]
    ),

    // What tools/fuzz runs, and the inputs that it kept
    .target(
      name: "FuzzTargets",
      dependencies: ["CProtobufC", "CWire", "Wire"],
      path: "Tests/FuzzTargets"
    ),
    .testTarget(
      name: "FuzzTargetsTests",
      dependencies: ["FuzzTargets", "UsherAPI"]
    ),

    // protoc's plugin
    .target(
      name: "GeneratorCore",
      dependencies: ["CDescriptor", "CProtobufC", "Descriptors"],
      path: "tools/protoc-gen-usher/Core"
    ),
    .executableTarget(
      name: "protoc-gen-usher",
      dependencies: ["Descriptors", "GeneratorCore"],
      path: "tools/protoc-gen-usher/Main"
    ),
    .testTarget(
      name: "GeneratorTests",
      dependencies: ["Descriptors", "GeneratorCore"]
    ),

    // The rehearsal: what is measured, what is planned, what comes of it, who does it
    .target(name: "Measuring", path: "tools/usher-load/Measuring"),
    .testTarget(name: "MeasuringTests", dependencies: ["Measuring"]),
    .target(
      name: "Scenarios",
      dependencies: ["Arguments", "Reflection", "Spelling"],
      path: "tools/usher-load/Scenarios"
    ),
    .testTarget(name: "ScenariosTests", dependencies: ["Arguments", "Reflection", "Scenarios"]),
    .target(
      name: "Reports",
      dependencies: ["Crypto", "Measuring", "Spelling"],
      path: "tools/usher-load/Reports",
      resources: page
    ),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["Measuring", "Reports"],
      exclude: ["Browser"]
    ),

    .target(
      name: "CLoadAPI",
      dependencies: ["CProtobufC"],
      path: "tools/usher-load/CLoadAPI"
    ),
    .target(
      name: "LoadAPI",
      dependencies: ["CLoadAPI", "CProtobufC", "RPCCore", "Wire"],
      path: "tools/usher-load/LoadAPI"
    ),
    .target(
      name: "Rehearsal",
      dependencies: [
        "Audit", "LoadAPI", "Measuring", "RPCCore", "Reports", "Scenarios", "Threads", "Transport",
        "UsherAPI", "UsherClient", "Wire",
      ],
      path: "tools/usher-load/Rehearsal"
    ),
    .testTarget(
      name: "RehearsalTests",
      dependencies: [
        "Access", "Audit", "Domain", "Ledger", "LoadAPI", "Measuring", "RPCCore", "Rehearsal",
        "Reports", "Scenarios", "ServicesSupport", "StoreSupport", "TestSupport", "Threads",
        "UsherAPI", "Wire",
      ]
    ),

    .target(
      name: "LoadCommand",
      dependencies: [
        "Arguments", "Descriptors", "Measuring", "RPCCore", "Reflection", "Rehearsal", "Reports",
        "Scenarios", "Spelling", "Threads", "Transport", "UsherAPI", "UsherClient", "UsherCommand",
        "Wire",
      ],
      path: "tools/usher-load/Command"
    ),
    .testTarget(
      name: "LoadCommandTests",
      dependencies: [
        "Access", "Arguments", "LoadCommand", "Measuring", "Rehearsal", "Reports", "Scenarios",
        "ServicesSupport", "SocketSupport", "Threads", "Transport", "UsherCommand",
      ]
    ),
    .executableTarget(
      name: "usher-load",
      dependencies: ["Arguments", "LoadCommand", "UsherCommand"],
      path: "tools/usher-load/Main"
    ),

    // Benches
    .target(name: "BenchSupport", path: "tools/benches/support", exclude: ["programs.py"]),
    .executableTarget(
      name: "gates-bench",
      dependencies: ["Arguments", "BenchSupport", "RPCCore", "Transport", "UsherAPI", "Wire"],
      path: "tools/benches/gates/Driver"
    ),
    .executableTarget(
      name: "postgres-bench",
      dependencies: ["Domain", "Ledger", "StorePostgres"],
      path: "tools/benches/postgres"
    ),
    .executableTarget(
      name: "rpc-bench-server",
      dependencies: ["Arguments", "Daemon", "RPCCore", "Transport", "UsherAPI", "Wire"],
      path: "tools/benches/rpc/Server"
    ),
    .executableTarget(
      name: "booking-bench",
      dependencies: ["Arguments", "BenchSupport", "RPCCore", "Transport", "UsherAPI", "Wire"],
      path: "tools/benches/booking/Driver"
    ),
    .executableTarget(
      name: "store-bench",
      dependencies: ["Arguments", "Domain", "Ledger", "StoreSQLite"],
      path: "tools/benches/store"
    ),

    // As many sales by chance as one has time for
    .executableTarget(
      name: "gate-seeds",
      dependencies: ["Arguments", "GateSupport"],
      path: "tools/benches/seeds"
    ),
  ]
)

for target in package.targets where target.type != .system {
  target.swiftSettings =
    strictMemory.contains(target.name) ? strict + [.strictMemorySafety()] : strict
}
