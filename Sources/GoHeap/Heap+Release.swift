// Giving free pages back to the kernel. (Go: runtime/mgcscavenge.go)

extension Heap {
    /// A whole collection, then every free page goes back (Go: `debug.FreeOSMemory`).
    package func freeOSMemory() {
        collect()
        var sweep = ReleaseSweep()
        while releaseSlice(&sweep) {}
    }

    /// A pass over the free pages, from the highest address down, in slices.
    package struct ReleaseSweep {
        /// The next chunk to look at; nil before the first slice.
        fileprivate var chunk: Int?
        package init() {}
    }

    /// Gives back the free pages of the next few chunks of 4 MiB.
    ///
    /// - Parameter sweep: how far the pass has come.
    /// - Returns: whether there is more to do.
    package func releaseSlice(_ sweep: inout ReleaseSweep) -> Bool {
        // Pages that are freed behind the pass stay: they are the next pass's.
        var chunk = min(sweep.chunk ?? .max, state.pointee.pages.chunkCount) - 1
        let base = state.pointee.base
        while chunk >= 0 {
            let released = state.pointee.pages.releaseFreePages(
                in: chunk, limitPages: PageAllocator.chunkPages
            ) { page, pageCount in
                let address = UnsafeMutableRawPointer(
                    bitPattern: base + UInt(page << HeapConstants.pageShift))!
                OperatingSystem.release(address, byteCount: pageCount << HeapConstants.pageShift)
            }
            state.pointee.statistics.releasedPages += released
            if released > 0 { break }
            chunk -= 1
        }
        sweep.chunk = max(chunk, 0)
        return chunk > 0
    }
}
