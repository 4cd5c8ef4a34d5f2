// How --max-memory is shared out between the heap and what requests buffer.
//
//     heap in use + lent                ≤ max − own − timeline
//     connections + buffers             ≤ own + lent ≤ max / 2
//
// An eighth is the buffers' own, so that they work when the heap is full. What they need on top, up to half of the whole, the
// heap lends as long as it has room, and inserts find that much less; past that a request is answered 503. Connections are
// counted as well, and may take a quarter. The timeline is as long as it is set to be, an eighth of the whole at most, and by
// default no more than a thirty-second.

import HuskLab
import MicroHTTP

struct MemoryPlan: Equatable {
    /// What the heap may have in use, and lend.
    var heapBytes: Int
    /// What buffers may take whatever the heap does.
    var ownBytes: Int
    /// What buffers may take at most.
    var greatestBytes: Int
    /// Samples that the timeline keeps.
    var timelineSize: Int

    /// Enough for as many connections as there may be, and for large bodies besides.
    private static let ownBytesLimit = 768 << 20

    /// An hour of samples, one each second.
    private static let usualTimelineSize = 3600
    /// A minute of them, whatever `--max-memory` is.
    private static let leastTimelineSize = 60

    /// - Parameters:
    ///   - maxMemoryBytes: `--max-memory`.
    ///   - timelineSize: `--timeline-size`; nil for an hour, or what there is room for.
    /// - Throws: `HuskServer.StartError` when there is no room for so many.
    init(maxMemoryBytes: Int, timelineSize: Int? = nil) throws(HuskServer.StartError) {
        self.timelineSize = timelineSize ?? Self.timelineSize(for: maxMemoryBytes)
        let timelineBytes = Timeline.byteCount(size: self.timelineSize)
        if timelineSize != nil, timelineBytes > maxMemoryBytes / 8 {
            throw HuskServer.StartError(
                description: "--timeline-size: \(self.timelineSize) samples take \(timelineBytes) bytes, more than an "
                    + "eighth of --max-memory, \(maxMemoryBytes / 8)")
        }
        ownBytes = min(maxMemoryBytes / 8, Self.ownBytesLimit)
        heapBytes = maxMemoryBytes - ownBytes - timelineBytes
        greatestBytes = maxMemoryBytes / 2
    }

    private static func timelineSize(for maxMemoryBytes: Int) -> Int {
        var size = usualTimelineSize
        while size > leastTimelineSize, Timeline.byteCount(size: size) > maxMemoryBytes / 32 { size /= 2 }
        return max(leastTimelineSize, size)
    }

    func makeBudget(lender: Lab) -> BufferBudget {
        BufferBudget(ownBytes: ownBytes, greatestBytes: greatestBytes, lender: lender)
    }

    /// Connections that there may be at once.
    func connectionLimit(connectionBytes: Int) -> Int { max(16, greatestBytes / 2 / connectionBytes) }
}

extension Lab: MemoryLender {}
