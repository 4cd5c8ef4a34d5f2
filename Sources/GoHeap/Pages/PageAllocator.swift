// Which pages of the heap's address space are taken, and which of the free ones the kernel has back.
// Giving them back is in PageAllocator+Release.swift.
//
// Go: `pageAlloc`, runtime/mpagealloc.go. Pages come in chunks of 512 (4 MiB). A chunk has two bitmaps:
//
//     taken     1 = inside a span, or on its way to the kernel, or not grown into yet
//     released  1 = free and given back (or never used): no memory behind it.    taken ∧ released = 0
//
// and a summary of its free runs: how many free pages it starts with, the longest run, how many it ends with.
// A search goes through the summaries in address order and takes the first run that is long enough, whichever
// chunks it spans: address-ordered first fit. Go puts a radix tree over its summaries; one level and the index
// of the first chunk with a free page do here, since a look at a chunk costs about a nanosecond.

struct PageAllocator {
    static let chunkPages = 512
    static let chunkWords = chunkPages / 64

    /// The free runs of one chunk, in pages.
    struct Summary {
        var start: UInt16
        var longest: UInt16
        var end: UInt16

        static let free = Summary(start: 512, longest: 512, end: 512)
        static let full = Summary(start: 0, longest: 0, end: 0)
    }

    /// Pages that the heap has grown into; those past them do not exist yet.
    private(set) var pageCount = 0
    /// Chunks with such pages; the last may have them in part.
    var chunkCount: Int { (pageCount &+ Self.chunkPages &- 1) / Self.chunkPages }
    /// No chunk before this one has a free page.
    private(set) var firstFreeChunk = 0
    /// No chunk from this one on has a page that could be released.
    var releasableChunkEnd = 0
    /// The background scavenger looks no higher than this chunk until the next cycle ends (Go: `searchAddrBg`).
    var settledChunkEnd = 0
    /// The highest chunk with pages that were freed since the last cycle ended, and one (Go: `freeHWM`).
    var freedChunkEnd = 0
    /// By chunk: whether it was dense when the last cycle ended.
    let wasDense: UnsafeMutablePointer<Bool>
    let taken: UnsafeMutablePointer<UInt64>
    let released: UnsafeMutablePointer<UInt64>
    private(set) var summaries: UnsafeMutablePointer<Summary>
    private let maxChunks: Int

    /// - Parameter maxPages: pages of the whole reservation; a multiple of 512.
    init?(maxPages: Int) {
        maxChunks = maxPages / Self.chunkPages
        let bitmapBytes = maxPages / 8
        guard
            let taken = OperatingSystem.map(byteCount: bitmapBytes),
            let released = OperatingSystem.map(byteCount: bitmapBytes),
            let summaries = OperatingSystem.map(byteCount: maxChunks * MemoryLayout<Summary>.stride),
            let wasDense = OperatingSystem.map(byteCount: maxChunks)
        else { return nil }
        self.taken = taken.assumingMemoryBound(to: UInt64.self)
        self.released = released.assumingMemoryBound(to: UInt64.self)
        self.summaries = summaries.assumingMemoryBound(to: Summary.self)
        self.wasDense = wasDense.assumingMemoryBound(to: Bool.self)
    }

    func destroy() {
        let bitmapBytes = maxChunks * Self.chunkPages / 8
        OperatingSystem.unmap(taken, byteCount: bitmapBytes)
        OperatingSystem.unmap(released, byteCount: bitmapBytes)
        OperatingSystem.unmap(summaries, byteCount: maxChunks * MemoryLayout<Summary>.stride)
        OperatingSystem.unmap(wasDense, byteCount: maxChunks)
    }

    /// Bytes of records behind the pages grown so far.
    var recordBytes: Int {
        chunkCount * (Self.chunkPages / 4 + MemoryLayout<Summary>.stride + 1)
    }

    /// Adds pages at the end. They are free.
    ///
    /// - Parameter asReleased: whether they count as released.
    mutating func grow(pages: Int, asReleased: Bool) {
        let end = pageCount + pages
        precondition(end <= maxChunks * Self.chunkPages, "the reservation has no more pages")
        // A new chunk's pages are taken until the heap has grown into them.
        for chunk in chunkCount..<((end + Self.chunkPages - 1) / Self.chunkPages) {
            for word in 0..<Self.chunkWords { taken[chunk * Self.chunkWords + word] = ~0 }
            summaries[chunk] = .full
        }
        let first = pageCount
        pageCount = end
        _ = mark(page: first, pageCount: pages, taken: false)
        if asReleased {
            markReleased(page: first, pageCount: pages)
        } else {
            releasableChunkEnd = chunkCount
        }
        firstFreeChunk = min(firstFreeChunk, first / Self.chunkPages)
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
        putBack(page: page, pageCount: pageCount)
        let end = (page &+ pageCount &- 1) / Self.chunkPages &+ 1
        releasableChunkEnd = max(releasableChunkEnd, end)
        freedChunkEnd = max(freedChunkEnd, end)
    }

    /// Makes a taken run free, and whoever releases pages none the wiser.
    mutating func putBack(page: Int, pageCount: Int) {
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
    mutating func mark(page: Int, pageCount: Int, taken isTaken: Bool) -> Int {
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
}
