// Finding free pages that the kernel does not have back yet, from the highest address down: low addresses are used first,
// so what lies high is likely to stay free. (Go: findScavengeCandidate and scavengeOne, runtime/mgcscavenge.go)
//
// A run on its way to the kernel is taken, so that nobody gets it: `madvise` runs without the owner's lock.
//
// Since Go 1.21 the background scavenger leaves alone what is likely to be used again soon: chunks that are dense, or were
// when the last cycle ended, and what has been freed since then above where it has got to. (Go: scavengeIndex.find,
// shouldScavenge) So a large object, being dense chunks, goes back only after one more cycle than the one that frees it.

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

    /// The same among the settled pages, for the background scavenger of Go 1.21 and later.
    mutating func takeHighestSettled(limitPages: Int) -> PageRun? {
        while settledChunkEnd > 0 {
            let chunk = settledChunkEnd &- 1
            if !wasDense[chunk] && !isDense(chunk),
                let run = highestReleasable(in: chunk, limitPages: limitPages)
            {
                _ = mark(page: run.page, pageCount: run.pageCount, taken: true)
                return run
            }
            settledChunkEnd = chunk
        }
        return nil
    }

    /// A cycle has ended: what was freed before it has settled. Its own sweeping comes after this. (Go: nextGen)
    mutating func settle() {
        settledChunkEnd = max(settledChunkEnd, freedChunkEnd)
        freedChunkEnd = 0
        for chunk in 0..<chunkCount { wasDense[chunk] = isDense(chunk) }
    }

    /// 31 of 32 pages (Go: `scavChunkHiOccFrac`).
    private static let densePages = chunkPages / 32 * 31

    private func isDense(_ chunk: Int) -> Bool {
        var pages = 0
        for word in chunk &* Self.chunkWords..<(chunk &+ 1) &* Self.chunkWords {
            pages &+= taken[word].nonzeroBitCount
        }
        return pages >= Self.densePages
    }

    /// Makes a run that was taken for release free again, and released.
    mutating func putBackReleased(_ run: PageRun) {
        putBack(page: run.page, pageCount: run.pageCount)
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
