import HuskSystem
import Testing

@Suite("Latencies")
struct LatencyHistogramTests {
    @Test("Percentiles are those of the durations, to about three percent and never too short")
    func percentiles() {
        let histogram = LatencyHistogram()
        for nanoseconds: UInt64 in 1...100_000 { histogram.record(nanoseconds: nanoseconds * 37) }
        #expect(histogram.count == 100_000 && histogram.longestNanoseconds == 3_700_000)
        let found = histogram.nanoseconds(atShares: [0, 0.5, 0.99, 0.999, 1])
        for (share, nanoseconds) in zip([0.5, 0.99, 0.999, 1], found.dropFirst()) {
            let exact = share * 3_700_000
            #expect(Double(nanoseconds) >= exact && Double(nanoseconds) <= exact * 1.033, "\(share): \(nanoseconds)")
        }
        #expect(found[4] == 3_700_000)
    }

    @Test("Any duration is counted")
    func extremes() {
        let histogram = LatencyHistogram()
        #expect(histogram.nanoseconds(atShares: [0.5, 1]) == [0, 0])
        for nanoseconds: UInt64 in [0, 1, 31, 32, 33, 63, 64, 1 << 40, .max / 2, .max] {
            histogram.record(nanoseconds: nanoseconds)
        }
        #expect(histogram.count == 10 && histogram.longestNanoseconds == .max)
        #expect(histogram.nanoseconds(atShares: [0.1, 0.3, 0.4, 0.5, 1]) == [0, 31, 32, 33, .max])
        histogram.reset()
        #expect(histogram.count == 0 && histogram.longestNanoseconds == 0)
    }
}
