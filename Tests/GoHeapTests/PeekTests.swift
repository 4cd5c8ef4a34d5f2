import GoHeap
import TestSupport
import Testing

@Suite struct PeekTests {
    @Test("A look that leaves the allocation cache as it is finds what Go's own look finds")
    func sameFigures() throws {
        try withHeap { heap in
            var random = SeededGenerator(seed: 11)
            for step in 1...4000 {
                _ = heap.allocateBytes(1 + random.below(step % 50 == 0 ? 100_000 : 300))
                if step % 1000 == 0 { heap.collect() }
                if step % 97 != 0 { continue }
                var peeked = heap.peekMemStats()
                // Again, and nothing has changed.
                #expect(heap.peekMemStats().mallocs == peeked.mallocs)
                let read = heap.readMemStats()
                // Time goes on, and Go's look may make the lists longer that it puts the cached spans on.
                peeked.gcCPUFraction = read.gcCPUFraction
                #expect(read.otherSys >= peeked.otherSys && read.sys - peeked.sys == read.otherSys - peeked.otherSys)
                (peeked.sys, peeked.otherSys) = (read.sys, read.otherSys)
                #expect(peeked == read, "step \(step)")
            }
        }
    }

    @Test("It does not close the open tiny block")
    func tinyBlockStaysOpen() throws {
        try withHeap { heap in
            let first = heap.allocateBytes(4)
            _ = heap.peekMemStats()
            #expect(heap.allocateBytes(4) == first + 4)
            _ = heap.readMemStats()
            #expect(heap.allocateBytes(4) != first + 8)
        }
    }
}
