// Requests by route, method and status, and how long they took: counted on the hot path, read by /metrics.
//
// The counters come in stripes, and a thread always counts in the same one, so that pool threads do not fight over
// cache lines. Two threads may share a stripe: every counter is atomic, so none is lost. A reader adds the stripes up.
//
//   stripe:  route 0                                     route 1 …
//            [method × status] [duration buckets] [sum]

import Glibc
import HuskSystem
import MicroHTTP
import Synchronization

final class RequestCounters: Sendable {
    /// Upper bounds of the histogram's buckets in nanoseconds; +Inf follows. Keys take microseconds, long inserts minutes.
    static let boundsNanoseconds: [UInt64] = [
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000,
        10_000_000_000, 30_000_000_000, 60_000_000_000, 120_000_000_000, 300_000_000_000, 600_000_000_000,
    ]
    /// The statuses that are sent, those that `statusIndex` knows by heart first. 0 stands for a client that was gone before its answer; 1 for any other.
    static let statuses = [0, 1, 200, 201, 204, 404, 400, 403, 405, 409, 413, 414, 422, 431, 500, 503, 507]

    private static let stripeCount = 8
    private static let methodCount = Method.allCases.count
    private static let bucketCount = boundsNanoseconds.count + 1
    private static let cellsPerRoute = methodCount * statuses.count + bucketCount + 1

    let routes: [String]
    private let cellsPerStripe: Int
    // SAFETY: allocated here, freed in deinit; every cell is atomic.
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>

    /// - Parameter routes: what each route is called, by its number.
    init(routes: [String]) {
        self.routes = routes
        // A multiple of the cache line, so that stripes do not share one.
        cellsPerStripe = (routes.count * Self.cellsPerRoute + 7) / 8 * 8 + 8
        cells = .allocate(capacity: cellsPerStripe * Self.stripeCount)
        for index in 0..<cellsPerStripe * Self.stripeCount { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: cellsPerStripe * Self.stripeCount)
        cells.deallocate()
    }

    /// Counts one finished request.
    func count(_ exchange: Exchange) {
        let route = cells + stripeOffset() + exchange.route &* Self.cellsPerRoute
        let status = Self.statusIndex(exchange.status)
        route[Int(exchange.method.rawValue) &* Self.statuses.count &+ status].add(1, ordering: .relaxed)
        let durations = route + Self.methodCount * Self.statuses.count
        durations[Self.bucketIndex(exchange.durationNanoseconds)].add(1, ordering: .relaxed)
        durations[Self.bucketCount].add(exchange.durationNanoseconds, ordering: .relaxed)
    }

    /// PERF: a hash of the thread's own address, where a thread-local variable would cost a call.
    private func stripeOffset() -> Int {
        let hash = UInt64(pthread_self()) &>> 12 &* 0x9E37_79B9_7F4A_7C15
        return Int(hash &>> 61) &* cellsPerStripe
    }

    private static func statusIndex(_ status: Int) -> Int {
        // PERF: the usual ones without a search.
        switch status {
        case 200: 2
        case 201: 3
        case 204: 4
        case 404: 5
        default: statuses.firstIndex(of: status) ?? 1
        }
    }

    private static func bucketIndex(_ nanoseconds: UInt64) -> Int {
        if nanoseconds <= 50_000 { return 0 }
        return Histogram.bucket(of: nanoseconds, in: boundsNanoseconds)
    }

    // MARK: Reading

    /// Requests of a route by method and status.
    func requests(route: Int, method: Method, statusIndex: Int) -> UInt64 {
        total(of: route * Self.cellsPerRoute + Int(method.rawValue) * Self.statuses.count + statusIndex)
    }

    /// Requests of a route by duration, each bucket by itself, and the sum of the durations.
    func durations(route: Int) -> (buckets: [UInt64], sumNanoseconds: UInt64) {
        let start = route * Self.cellsPerRoute + Self.methodCount * Self.statuses.count
        return ((0..<Self.bucketCount).map { total(of: start + $0) }, total(of: start + Self.bucketCount))
    }

    private func total(of cell: Int) -> UInt64 {
        (0..<Self.stripeCount).reduce(0) { $0 + cells[$1 * cellsPerStripe + cell].load(ordering: .relaxed) }
    }
}
