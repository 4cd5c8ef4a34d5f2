// Fuzzes a map layout: libFuzzer makes bytes up, `OperationSequence` reads them as operations and does each to a map and
// to a `Dictionary`, and any difference, broken invariant or trap is a find.
//
//     make fuzz                                              a minute for each layout, and the planted mistakes
//     map-fuzzer --layout=swiss -max_total_time=600 CORPUS   as long as you like; flags with one dash are libFuzzer's
//     map-fuzzer --layout=swiss crash-…                      does what was found once more, also without libFuzzer
//
// Built with `--sanitize=fuzzer -Xswiftc -DFUZZING`, libFuzzer brings `main`, keeps inputs that reach new code, and mutates
// them. With `-Xswiftc -DPLANTED_MISTAKE` too, each layout forgets one thing when it deletes (`BucketMap+Delete.swift`,
// `SwissMap+Delete.swift`): the fuzzer has to find that, or it would not find anything.

import Foundation
import GoHeap

/// From `--layout=`; set once, before the first input.
nonisolated(unsafe) private var layout = MapLayout.bucket

private func readLayout(from arguments: [String]) {
    let prefix = "--layout="
    guard let argument = arguments.last(where: { $0.hasPrefix(prefix) }) else { return }
    guard let named = MapLayout(rawValue: String(argument.dropFirst(prefix.count))) else {
        fatalError("\(argument): the layouts are \(MapLayout.allCases.map(\.rawValue))")
    }
    layout = named
}

#if FUZZING
    @_cdecl("LLVMFuzzerInitialize")
    public func initialize(_ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeRawPointer) -> CInt {
        readLayout(from: CommandLine.arguments)
        return 0
    }

    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        OperationSequence.run(UnsafeBufferPointer(start: bytes, count: count), layout: layout)
        return 0
    }
#else
    @main
    enum MapFuzzer {
        static func main() throws {
            let arguments = CommandLine.arguments.dropFirst()
            readLayout(from: Array(arguments))
            for path in arguments where !path.hasPrefix("-") {
                let input = try Data(contentsOf: URL(fileURLWithPath: path))
                input.withUnsafeBytes { bytes in
                    OperationSequence.run(bytes.bindMemory(to: UInt8.self), layout: layout)
                }
                print("\(path): \(input.count) bytes, nothing wrong")
            }
        }
    }
#endif
