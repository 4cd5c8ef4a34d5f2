import Foundation
import GoHeap

/// What is resident of the mapping around an address, in bytes, from the kernel: a heap's pages alone, whatever other
/// tests do meanwhile.
func residentBytes(around address: UnsafeRawPointer) -> Int {
    guard let file = fopen("/proc/self/smaps", "r") else { fatalError("no /proc/self/smaps") }
    defer { fclose(file) }
    let wanted = UInt(bitPattern: address)
    var buffer = [CChar](repeating: 0, count: 4_096)
    var isInside = false
    while fgets(&buffer, Int32(buffer.count), file) != nil {
        let line = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let bounds = line.prefix { $0 != " " }.split(separator: "-").map { UInt($0, radix: 16) }
        if bounds.count == 2, let low = bounds[0], let high = bounds[1] {
            isInside = low <= wanted && wanted < high
        } else if isInside && line.hasPrefix("Rss:") {
            return Int(line.split(separator: " ")[1])! * 1024
        }
    }
    fatalError("no mapping holds the address \(address)")
}

/// A heap's background thread, for tests: does what is due, in real time, for some seconds.
func runBackground(_ heap: Heap, seconds: Double, until isDone: () -> Bool = { false }) {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end && !isDone() {
        switch heap.backgroundStep() {
        case .release(var release):
            release.perform()
            heap.finishRelease(release)
        case .sleep(let nanoseconds): usleep(UInt32(min(nanoseconds / 1_000, 20_000)))
        }
        while heap.hasCollectionWork { _ = heap.collectSlice(nanoseconds: 300_000) }
    }
}
