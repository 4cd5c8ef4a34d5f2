// Finding free pages that the kernel does not have back yet, from the highest address down: low addresses are used first,
// so what lies high is likely to stay free. (Go: findScavengeCandidate and scavengeOne, runtime/mgcscavenge.go)
//
// A run on its way to the kernel is taken, so that nobody gets it: `madvise` runs without the owner's lock.

/// Consecutive pages.
struct PageRun: Equatable, Sendable {
    var page: Int
    var pageCount: Int
}

extension PageAllocator {
    /// Takes the highest run of pages that are free and not released, or its upper part.
    ///
    /// - Parameters:
    ///   - limitPages: how many at most, 1 or more.
    ///   - chunkEnd: only pages of chunks before this one.
    /// - Returns: nil when there are none.
    mutating func takeHighestReleasable(limitPages: Int, before chunkEnd: Int = .max) -> PageRun? {
        var chunk = min(releasableChunkEnd, chunkEnd)
        let isWhole = chunk == releasableChunkEnd
        while chunk > 0 {
            chunk &-= 1
            if let run = highestReleasable(in: chunk, limitPages: limitPages) {
                if isWhole { releasableChunkEnd = chunk &+ 1 }
                _ = mark(page: run.page, pageCount: run.pageCount, taken: true)
                return run
            }
        }
        if isWhole { releasableChunkEnd = 0 }
        return nil
    }

    /// Makes a run that was taken for release free again, and released.
    mutating func putBackReleased(_ run: PageRun) {
        let end = releasableChunkEnd
        free(page: run.page, pageCount: run.pageCount)
        releasableChunkEnd = end
        markReleased(page: run.page, pageCount: run.pageCount)
    }

    mutating func markReleased(page: Int, pageCount: Int) {
        var at = page
        let end = page &+ pageCount
        while at < end {
            let bits = min(64 &- at & 63, end &- at)
            let mask: UInt64 = bits == 64 ? ~0 : ((1 &<< UInt64(bits)) &- 1) &<< UInt64(at & 63)
            released[at &>> 6] |= mask
            at &+= bits
        }
    }

    private func highestReleasable(in chunk: Int, limitPages: Int) -> PageRun? {
        if summaries[chunk].longest == 0 { return nil }
        let first = chunk &* Self.chunkPages
        var word = (chunk &+ 1) &* Self.chunkWords
        let firstWord = chunk &* Self.chunkWords
        while word > firstWord {
            word &-= 1
            let busy = taken[word] | released[word]
            if busy == ~0 { continue }
            // [page, end) grows downwards from the highest page that can be released.
            let end = word &* 64 &+ 64 &- (~busy).leadingZeroBitCount
            var page = end &- 1
            while page > first && end &- page < limitPages && isReleasable(page &- 1) { page &-= 1 }
            return PageRun(page: page, pageCount: end &- page)
        }
        return nil
    }

    func isReleasable(_ page: Int) -> Bool {
        (taken[page &>> 6] | released[page &>> 6]) &>> UInt64(page & 63) & 1 == 0
    }
}

extension PageAllocator {
    /// Takes the highest maximal run of a chunk that can be released and that the caller wants.
    mutating func takeReleasableRun(in chunk: Int, where isWanted: (_ page: Int, _ pageCount: Int) -> Bool)
        -> PageRun?
    {
        if chunk >= chunkCount || summaries[chunk].longest == 0 { return nil }
        let first = chunk &* Self.chunkPages
        var page = first &+ Self.chunkPages
        while page > first {
            if !isReleasable(page &- 1) {
                page &-= 1
                continue
            }
            let end = page
            while page > first && isReleasable(page &- 1) { page &-= 1 }
            if isWanted(page, end &- page) {
                _ = mark(page: page, pageCount: end &- page, taken: true)
                return PageRun(page: page, pageCount: end &- page)
            }
        }
        return nil
    }
}
