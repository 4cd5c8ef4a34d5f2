// What must hold of the page bitmaps and their summaries. For tests: O(pages).

extension PageAllocator {
    func isTaken(_ page: Int) -> Bool { taken[page >> 6] >> UInt64(page & 63) & 1 != 0 }

    /// Traps unless bitmaps and summaries agree.
    ///
    /// - Returns: the number of taken and of released pages.
    func checkInvariants() -> (takenPages: Int, releasedPages: Int) {
        var takenPages = 0
        var releasedPages = 0
        for chunk in 0..<chunkCount {
            for word in chunk * Self.chunkWords..<(chunk + 1) * Self.chunkWords {
                precondition(
                    taken[word] & released[word] == 0, "a page of chunk \(chunk) is taken and released")
                takenPages += taken[word].nonzeroBitCount
                releasedPages += released[word].nonzeroBitCount
            }
            precondition(
                chunk < releasableChunkEnd
                    || (0..<Self.chunkPages).allSatisfy { !isReleasable(chunk * Self.chunkPages + $0) },
                "chunk \(chunk) has pages to release, but the search starts below chunk \(releasableChunkEnd)"
            )
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
                expected.start == actual.start && expected.longest == actual.longest
                    && expected.end == actual.end,
                "the summary of chunk \(chunk) is \(actual), its bitmap says \(expected)")
            precondition(
                chunk >= firstFreeChunk || actual.longest == 0,
                "chunk \(chunk) has free pages, but the search starts at chunk \(firstFreeChunk)")
        }
        return (takenPages - (chunkCount * Self.chunkPages - pageCount), releasedPages)
    }
}
