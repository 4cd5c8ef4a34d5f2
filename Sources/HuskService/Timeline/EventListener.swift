// One client of GET /events: how far it has come, and whether it keeps up. Used by the recorder's thread, once it is added.
//
// What it has not taken yet waits in the timeline, not here: the stream's own buffer is small. A listener is dropped when
// it takes nothing for a while, when it falls further behind than it was at its start, or when the timeline has gone past
// it; its last event says so, and has no id, so that the next connection goes on behind what has really come.

import HuskSystem
import MicroHTTP

final class EventListener: @unchecked Sendable {
    // SAFETY: one thread at a time: the one that answers the request, then the recorder's, which gets it through a lock.

    enum Standing { case isUpToDate, isBehind, isGone }

    private let stream: StreamingBody
    private let lease: BufferLease
    private var place: Timeline.Place
    /// Events that it may have before it.
    private let greatestBacklog: Int
    private var writtenNanoseconds = monotonicNanoseconds()
    private var takenNanoseconds = monotonicNanoseconds()
    private var takenBytes = 0

    /// The stream's buffer: a dozen samples.
    static let bufferBytes = 16 << 10
    /// What a listener is counted as.
    static let countedBytes = 2 * bufferBytes
    /// After so long without an event a comment shows that the server is there.
    static let heartbeatNanoseconds: UInt64 = 10_000_000_000
    /// How long a listener may take nothing while something waits for it. With the heartbeat, less than the HTTP server's
    /// patience with a connection that does not move, which ends it without a word.
    private static let patienceNanoseconds: UInt64 = 15_000_000_000
    /// How many events more than at its start it may be behind.
    private static let slack = 120

    init(_ stream: StreamingBody, _ lease: BufferLease, at place: Timeline.Place, backlog: Int) {
        self.stream = stream
        self.lease = lease
        self.place = place
        greatestBacklog = backlog + Self.slack
    }

    /// Gives it what there is for it and what it has room for; drops it if it is too slow.
    func serve(_ timeline: Timeline, _ formatter: inout EventFormatter, _ now: UInt64) -> Standing {
        let progress = stream.progress
        if progress.isClosed { return .isGone }
        if progress.takenBytes > takenBytes || progress.waitingBytes == 0 {
            takenBytes = progress.takenBytes
            takenNanoseconds = now
        }
        if now >= takenNanoseconds + Self.patienceNanoseconds {
            return drop("nothing was taken for \(Self.patienceNanoseconds / 1_000_000_000) s", formatter)
        }
        do throws(Timeline.Overtaken) {
            while true {
                var next = place
                guard let event = try timeline.next(&next) else { break }
                guard stream.offer(formatter.bytes(event)) else {
                    let behind = timeline.backlog(of: place)
                    return behind > greatestBacklog ? drop("\(behind) events behind", formatter) : .isBehind
                }
                place = next
                writtenNanoseconds = now
            }
        } catch {
            return drop("its events are no longer kept", formatter)
        }
        if now >= writtenNanoseconds + Self.heartbeatNanoseconds, stream.offer(EventFormatter.heartbeat) {
            writtenNanoseconds = now
        }
        return .isUpToDate
    }

    /// Ends the stream well.
    func end() { stream.finish() }

    private func drop(_ reason: String, _ formatter: EventFormatter) -> Standing {
        stream.finish(behind: formatter.dropped(reason))
        return .isGone
    }
}
