import HuskSystem

/// A run of pages on its way to the kernel.
package struct PageRelease: Sendable {
    enum Purpose: Sendable { case background, eager, periodic, asked }

    let run: PageRun
    package let address: UInt
    let advice: MemoryAdvice
    let purpose: Purpose
    private(set) var elapsedNanoseconds: UInt64 = 0

    package var byteCount: Int { run.pageCount << HeapConstants.pageShift }

    init(run: PageRun, address: UInt, advice: MemoryAdvice, purpose: Purpose) {
        self.run = run
        self.address = address
        self.advice = advice
        self.purpose = purpose
    }

    /// Calls `madvise`. Needs no lock: the pages are nobody's.
    package mutating func perform() {
        let start = monotonicNanoseconds()
        OperatingSystem.release(
            UnsafeMutableRawPointer(bitPattern: address)!, byteCount: byteCount, advice: advice)
        elapsedNanoseconds = monotonicNanoseconds() - start
    }
}
