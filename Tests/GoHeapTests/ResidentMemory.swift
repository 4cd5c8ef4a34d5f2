import Foundation
import GoHeap

/// What the kernel keeps resident of a heap's address space, in bytes: its pages alone, whatever other tests do meanwhile.
///
/// - Parameter anchor: an address in the heap's first arena.
func residentBytes(_ heap: Heap, around anchor: UnsafeRawPointer) -> Int {
    let byteCount = Int(heap.readMemStats().heapSys)
    // Arenas of 64 MiB, the first of them at the start.
    let base = UInt(bitPattern: anchor) & ~((64 << 20) - 1)
    let pageBytes = sysconf(Int32(_SC_PAGESIZE))
    var isResident = [UInt8](repeating: 0, count: byteCount / pageBytes)
    guard mincore(UnsafeMutableRawPointer(bitPattern: base), byteCount, &isResident) == 0 else {
        fatalError("mincore: errno \(errno)")
    }
    return isResident.count { $0 & 1 == 1 } * pageBytes
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
