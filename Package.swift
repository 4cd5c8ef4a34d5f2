// swift-tools-version: 6.1
import PackageDescription

// The page at `/`, as PageFiles.swift answers it.
let pageFiles = [
    "answers.js", "calls.js", "charts.js", "comparison.js", "downloads.js", "elements.js", "events.js", "figures.js",
    "forms.js",
    "icon.svg", "index.html", "jobs.js", "map.js", "memory.js", "operations.js", "page.js", "painter.js",
    "style.css", "surfaces.js", "timeline.js", "tour-steps.js", "tour.js", "words.en.json", "words.js",
    "words.zh.json", "workloads.js",
]

// The rooms and their one-way arrows (ARCHITECTURE.md has the picture):
//
//   husk ──► HuskService ──► Workloads ──► HuskLab ──► GoMap ──► GoHeap ──► the operating system
//                │   └─────► Scenarios ──────────────────┘
//                ├────────► MicroHTTP ──► CMicroHTTPD ──► libmicrohttpd
//                └────────► Reports
//
//   HuskSystem is the ground under all of them: what the kernel and its threads offer, and what each would write again.

let package = Package(
    name: "husk",
    products: [
        .executable(name: "husk", targets: ["husk"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .target(name: "CMicroHTTPD", linkerSettings: [.linkedLibrary("microhttpd")]),
        .target(name: "MicroHTTP", dependencies: ["CMicroHTTPD", "HuskSystem"]),
        .target(name: "GoHeap", dependencies: ["CPrefetch", "HuskSystem"]),
        // Header only: the processor's prefetch instruction.
        .systemLibrary(name: "CPrefetch"),
        .target(name: "GoMap", dependencies: ["GoHeap", "CPrefetch", "HuskSystem"]),
        // What streams are unpacked with.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "KeyStreams", dependencies: ["CZlib", "CZstd"]),
        // Header only: what the C library's allocator can be told.
        .systemLibrary(name: "CMalloc"),
        .target(name: "HuskSystem"),
        .target(name: "HuskLab", dependencies: ["GoMap", "GoHeap", "HuskSystem", "CMalloc"]),
        .target(name: "Scenarios", dependencies: ["GoMap", "GoHeap", "HuskSystem"]),
        .target(name: "Workloads", dependencies: ["HuskLab", "KeyStreams", "GoMap", "GoHeap", "HuskSystem"]),
        .target(name: "Reports"),
        .target(name: "Comparison", dependencies: ["Reports", "HuskService", "HuskSystem"]),
        .target(
            name: "HuskService",
            dependencies: [
                "HuskLab", "Workloads", "KeyStreams", "Scenarios", "Reports", "GoMap", "GoHeap", "MicroHTTP",
                "HuskSystem", "CZlib",
                .product(name: "Logging", package: "swift-log"),
            ],
            // A link to openapi/openapi.yaml, and the files of the page: the binary carries its own contract and its own page.
            resources: [.embedInCode("Resources/openapi.yaml")] + pageFiles.map { .embedInCode("Dashboard/\($0)") }),
        .executableTarget(
            name: "husk",
            dependencies: [
                "HuskService", "HuskLab", "Workloads", "KeyStreams", "Scenarios", "Comparison", "Reports", "GoMap",
                "GoHeap", "MicroHTTP", "HuskSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        // Collections beside Go's: `make bench` runs it.
        .executableTarget(
            name: "gc-time", dependencies: ["GoMap", "GoHeap", "HuskSystem"], path: "Benchmarks/gc-time/swift"),
        // The map alone beside Go's: `make bench-map` runs it.
        .executableTarget(
            name: "map-speed", dependencies: ["GoMap", "GoHeap", "HuskSystem"], path: "Benchmarks/map-speed/swift"),
        // An HTTP client that sends exactly what it is told to, seeded random numbers, heaps for one test.
        .target(name: "TestSupport", dependencies: ["GoHeap", "HuskSystem", "KeyStreams"], path: "Tests/TestSupport"),
        .testTarget(name: "MicroHTTPTests", dependencies: ["MicroHTTP", "HuskSystem", "TestSupport"]),
        .testTarget(name: "GoHeapTests", dependencies: ["GoHeap", "TestSupport"]),
        // Keys and values of every type, for the tests and the fuzzer of the map.
        .target(name: "MapSamples", dependencies: ["GoMap"], path: "Tests/MapSamples"),
        .testTarget(name: "GoMapTests", dependencies: ["GoMap", "GoHeap", "MapSamples", "TestSupport"]),
        // `make fuzz` builds it with libFuzzer; without, it runs the inputs that it is given.
        .executableTarget(
            name: "map-fuzzer", dependencies: ["GoMap", "GoHeap", "MapSamples"], path: "Tests/MapFuzzer"),
        .testTarget(
            name: "ReferenceTests", dependencies: ["Workloads", "HuskLab", "GoMap", "GoHeap"], exclude: ["go"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "KeyStreamsTests", dependencies: ["KeyStreams", "CZlib", "CZstd", "TestSupport"],
            resources: [.copy("Fixtures")]),
        .testTarget(name: "HuskSystemTests", dependencies: ["HuskSystem"]),
        .testTarget(name: "HuskLabTests", dependencies: ["HuskLab", "GoMap", "GoHeap", "HuskSystem", "TestSupport"]),
        .testTarget(
            name: "WorkloadsTests",
            dependencies: ["TestSupport", "KeyStreams", "Workloads", "HuskLab", "GoMap", "GoHeap"]),
        .testTarget(
            name: "ScenariosTests", dependencies: ["Scenarios", "GoMap", "GoHeap", "TestSupport"], exclude: ["go"]),
        .testTarget(name: "ReportsTests", dependencies: ["Reports"]),
        .testTarget(
            name: "ComparisonTests", dependencies: ["Comparison", "Reports"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "HuskServiceTests",
            dependencies: [
                // The binary too, which the end-to-end tests run.
                "HuskService", "HuskLab", "Scenarios", "GoMap", "GoHeap", "HuskSystem", "MicroHTTP", "husk",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
    ]
)
