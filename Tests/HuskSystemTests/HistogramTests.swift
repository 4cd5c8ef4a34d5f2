import HuskSystem
import Testing

@Suite struct HistogramTests {
    @Test("a duration falls into the first bucket whose bound it does not exceed; the last has no bound")
    func buckets() {
        let histogram = Histogram(boundsNanoseconds: [10, 100])
        for nanoseconds: UInt64 in [0, 10, 11, 100, 101, 1_000_000] { histogram.record(nanoseconds: nanoseconds) }
        let (buckets, sumNanoseconds) = histogram.read()
        #expect(buckets == [2, 2, 2])
        #expect(sumNanoseconds == 1_000_222)
    }
}
