// Which pages of the heap's address space are taken, and which of the free ones the kernel has back.
//
// Go: `pageAlloc`, runtime/mpagealloc.go. Pages come in chunks of 512 (4 MiB). A chunk has two bitmaps:
//
//     taken     1 = inside a span
//     released  1 = free and given back (or never used): no memory behind it.    taken ∧ released = 0
//
// and a summary of its free runs: how many free pages it starts with, the longest run, how many it ends with.
// A search goes through the summaries in address order and takes the first run that is long enough, whichever
// chunks it spans: address-ordered first fit. Go puts a radix tree over its summaries; one level and the index
// of the first chunk with a free page do here, since a look at a chunk costs about a nanosecond.

struct PageAllocator {
    static let chunkPages = 512
    private static let chunkWords = chunkPages / 64

    /// The free runs of one chunk, in pages.
    struct Summary {
        var start: UInt16
        var longest: UInt16
        var end: UInt16

        static let free = Summary(start: 512, longest: 512, end: 512)
        static let full = Summary(start: 0, longest: 0, end: 0)
    }

    /// Chunks that the heap has grown into; pages past them do not exist yet.
    private(set) var chunkCount = 0
    /// No chunk before this one has a free page.
    private var firstFreeChunk = 0
    private let taken: UnsafeMutablePointer<UInt64>
    private let released: UnsafeMutablePointer<UInt64>
    private let summaries: UnsafeMutablePointer<Summary>
    private let maxChunks: Int

    /// - Parameter maxPages: pages of the whole reservation; a multiple of 512.
    init?(maxPages: Int) {
        maxChunks = maxPages / Self.chunkPages
        let bitmapBytes = maxPages / 8
        guard
            let taken = OperatingSystem.map(byteCount: bitmapBytes),
            let released = OperatingSystem.map(byteCount: bitmapBytes),
            let summaries = OperatingSystem.map(byteCount: maxChunks * MemoryLayout<Summary>.stride)
        else { return nil }
        self.taken = taken.assumingMemoryBound(to: UInt64.self)
        self.released = released.assumingMemoryBound(to: UInt64.self)
        self.summaries = summaries.assumingMemoryBound(to: Summary.self)
    }

    func destroy() {
        let bitmapBytes = maxChunks * Self.chunkPages / 8
        OperatingSystem.unmap(taken, byteCount: bitmapBytes)
        OperatingSystem.unmap(released, byteCount: bitmapBytes)
        OperatingSystem.unmap(summaries, byteCount: maxChunks * MemoryLayout<Summary>.stride)
    }

    /// Bytes of records behind the pages grown so far.
    var recordBytes: Int {
        chunkCount * (Self.chunkPages / 4 + MemoryLayout<Summary>.stride)
    }

    /// Adds chunks at the end. Their pages are free and released.
    mutating func grow(chunks: Int) {
        precondition(chunkCount + chunks <= maxChunks, "the reservation has no more chunks")
        for chunk in chunkCount..<(chunkCount + chunks) {
            for word in 0..<Self.chunkWords { released[chunk * Self.chunkWords + word] = ~0 }
            summaries[chunk] = .free
        }
        firstFreeChunk = min(firstFreeChunk, chunkCount)
        chunkCount += chunks
    }

    // MARK: - Taking and freeing

    /// Takes the lowest run of free pages that is long enough.
    ///
    /// - Returns: its first page and how many of its pages were released, or nil when no run fits.
    mutating func allocate(pageCount: Int) -> (page: Int, releasedPages: Int)? {
        guard let page = findRun(of: pageCount) else { return nil }
        return (page, mark(page: page, pageCount: pageCount, taken: true))
    }

    /// Gives a run back. Its pages are free and not released.
    mutating func free(page: Int, pageCount: Int) {
        _ = mark(page: page, pageCount: pageCount, taken: false)
        firstFreeChunk = min(firstFreeChunk, page / Self.chunkPages)
    }

    private mutating func findRun(of pageCount: Int) -> Int? {
        var chunk = firstFreeChunk
        while chunk < chunkCount && summaries[chunk].longest == 0 { chunk &+= 1 }
        firstFreeChunk = chunk
        var run = 0  // free pages that the chunks before this one end with
        while chunk < chunkCount {
            let summary = summaries[chunk]
            if run &+ Int(summary.start) >= pageCount { return chunk &* Self.chunkPages &- run }
            if Int(summary.longest) >= pageCount {
                return chunk &* Self.chunkPages &+ firstRun(of: pageCount, in: chunk)
            }
            run = summary.start == Self.chunkPages ? run &+ Self.chunkPages : Int(summary.end)
            chunk &+= 1
        }
        return nil
    }

    /// The first run of at least `pageCount` free pages inside a chunk that has one.
    private func firstRun(of pageCount: Int, in chunk: Int) -> Int {
        var found = -1
        forEachFreeRun(in: chunk) { start, length in
            if length >= pageCount { found = start }
            return length < pageCount
        }
        precondition(found >= 0, "a chunk's summary promises a run that its bitmap does not have")
        return found
    }

    /// Calls `body` with each maximal run of free pages of a chunk, in order, until it returns false.
    @inline(__always)
    private func forEachFreeRun(in chunk: Int, _ body: (_ start: Int, _ length: Int) -> Bool) {
        let words = taken + chunk &* Self.chunkWords
        var runStart = -1
        for index in 0..<Self.chunkWords {
            let word = words[index]
            var bit = 0
            while bit < 64 {
                let rest = runStart < 0 ? ~word &>> UInt64(bit) : word &>> UInt64(bit)
                let skip = rest.trailingZeroBitCount
                if skip >= 64 &- bit { break }  // no change in this word
                bit &+= skip
                if runStart < 0 {
                    runStart = index &* 64 &+ bit
                } else {
                    if !body(runStart, index &* 64 &+ bit &- runStart) { return }
                    runStart = -1
                }
            }
        }
        if runStart >= 0 { _ = body(runStart, Self.chunkPages &- runStart) }
    }

    /// Marks a run taken or free, and its chunks' summaries with it. Taken pages stop being released.
    ///
    /// - Returns: how many of its pages were released.
    private mutating func mark(page: Int, pageCount: Int, taken isTaken: Bool) -> Int {
        var releasedPages = 0
        var first = page
        let end = page &+ pageCount
        while first < end {
            let chunk = first / Self.chunkPages
            let last = min(end, (chunk &+ 1) &* Self.chunkPages)
            var at = first
            while at < last {
                let word = at &>> 6
                let bit = at & 63
                let bits = min(64 &- bit, last &- at)
                let mask = (bits == 64 ? ~0 : (UInt64(1) &<< UInt64(bits) &- 1)) &<< UInt64(bit)
                if isTaken {
                    assert(taken[word] & mask == 0, "a page is taken twice")
                    taken[word] |= mask
                    releasedPages &+= (released[word] & mask).nonzeroBitCount
                    released[word] &= ~mask
                } else {
                    assert(taken[word] & mask == mask, "a free page is freed")
                    taken[word] &= ~mask
                }
                at &+= bits
            }
            if last &- first == Self.chunkPages {
                summaries[chunk] = isTaken ? .full : .free
            } else {
                summarize(chunk)
            }
            first = last
        }
        return releasedPages
    }

    private func summarize(_ chunk: Int) {
        var summary = Summary.full
        forEachFreeRun(in: chunk) { start, length in
            if start == 0 { summary.start = UInt16(length) }
            if length > Int(summary.longest) { summary.longest = UInt16(length) }
            if start &+ length == Self.chunkPages { summary.end = UInt16(length) }
            return true
        }
        summaries[chunk] = summary
    }

    // MARK: - Releasing

    /// Marks free pages of one chunk released, highest runs first.
    ///
    /// - Parameters:
    ///   - chunk: which one.
    ///   - limitPages: how many at most.
    ///   - release: called with each run before it is marked; gives it to the kernel.
    /// - Returns: how many pages were released.
    mutating func releaseFreePages(
        in chunk: Int, limitPages: Int, _ release: (_ page: Int, _ pageCount: Int) -> Void
    ) -> Int {
        if summaries[chunk].longest == 0 { return 0 }
        var releasedPages = 0
        var page = (chunk &+ 1) &* Self.chunkPages
        let first = chunk &* Self.chunkPages
        while page > first && releasedPages < limitPages {
            // [page, end) becomes the highest run of pages that are free and not released.
            while page > first && !isReleasable(page &- 1) { page &-= 1 }
            let end = page
            while page > first && isReleasable(page &- 1) && end &- page < limitPages &- releasedPages { page &-= 1 }
            if page == end { break }
            release(page, end &- page)
            for each in page..<end { released[each &>> 6] |= 1 &<< UInt64(each & 63) }
            releasedPages &+= end &- page
        }
        return releasedPages
    }

    private func isReleasable(_ page: Int) -> Bool {
        (taken[page &>> 6] | released[page &>> 6]) &>> UInt64(page & 63) & 1 == 0
    }

    // MARK: - Invariants

    func isTaken(_ page: Int) -> Bool { taken[page >> 6] >> UInt64(page & 63) & 1 != 0 }

    /// Traps unless bitmaps and summaries agree.
    ///
    /// - Returns: the number of taken and of released pages.
    func checkInvariants() -> (takenPages: Int, releasedPages: Int) {
        var takenPages = 0
        var releasedPages = 0
        for chunk in 0..<chunkCount {
            for word in chunk * Self.chunkWords..<(chunk + 1) * Self.chunkWords {
                precondition(taken[word] & released[word] == 0, "a page of chunk \(chunk) is taken and released")
                takenPages += taken[word].nonzeroBitCount
                releasedPages += released[word].nonzeroBitCount
            }
            var expected = Summary.full
            var run = 0
            for page in 0..<Self.chunkPages {
                run = isTaken(chunk * Self.chunkPages + page) ? 0 : run + 1
                if run == page + 1 { expected.start = UInt16(run) }
                expected.longest = max(expected.longest, UInt16(run))
                expected.end = UInt16(run)
            }
            let actual = summaries[chunk]
            precondition(
                expected.start == actual.start && expected.longest == actual.longest && expected.end == actual.end,
                "the summary of chunk \(chunk) is \(actual), its bitmap says \(expected)")
            precondition(
                chunk >= firstFreeChunk || actual.longest == 0,
                "chunk \(chunk) has free pages, but the search starts at chunk \(firstFreeChunk)")
        }
        return (takenPages, releasedPages)
    }
}
