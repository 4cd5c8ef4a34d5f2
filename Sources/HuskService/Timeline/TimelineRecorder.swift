// The thread that records: it takes a sample each period and hands everything new to those who listen (GET /events), one
// after the other, without ever waiting for one of them.
//
// Samples are due at whole periods since the start. When the thread comes late, the ones that it missed are left out.

import GoHeap
import HuskLab
import HuskSystem
import MicroHTTP
import Synchronization

final class TimelineRecorder: Sendable {
    private struct State {
        var nextNanoseconds = monotonicNanoseconds()
        /// Collections when the last sample was taken, those that were asked for included.
        var collections: UInt32 = 0
        var forcedCollections: UInt32 = 0
        var listeners: [EventListener] = []
        var formatter = EventFormatter()
    }

    private struct Door {
        var isClosed = false
        /// How many there are, and those of them that the thread has not met yet.
        var count = 0
        var waiting: [EventListener] = []
    }

    private let lab: Lab
    private let timeline: Timeline
    let periodNanoseconds: UInt64
    private let worker = Worker(name: "husk-timeline")
    /// The thread's own.
    private let state = Mutex(State())
    private let door = Mutex(Door())
    /// How long the lab's lock was held for samples, at a time.
    let lockTimes = Histogram(boundsNanoseconds: TimelineRecorder.lockBoundsNanoseconds)

    static let lockBoundsNanoseconds: [UInt64] = [
        2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 10_000_000,
    ]

    /// How soon the thread looks again at a listener that is behind.
    private static let catchUpNanoseconds: UInt64 = 5_000_000

    init(_ lab: Lab, _ timeline: Timeline, periodNanoseconds: UInt64) {
        self.lab = lab
        self.timeline = timeline
        self.periodNanoseconds = periodNanoseconds
        timeline.tell { [worker] in worker.wake() }
        worker.start({ [self] in step() }, last: { [self] in _ = step() })
    }

    /// Adds a listener.
    /// - Parameter limit: so many there may be.
    /// - Returns: false when there are as many, or no more are let in.
    func add(_ listener: EventListener, limit: Int) -> Bool {
        let isIn = door.withLock { door in
            guard !door.isClosed, door.count < limit else { return false }
            door.count += 1
            door.waiting.append(listener)
            return true
        }
        if isIn { worker.wake() }
        return isIn
    }

    /// Those who listen now.
    var listenerCount: Int { door.withLock { $0.count } }

    /// Ends every listener's stream, and lets no more in.
    func closeDoor() {
        door.withLock { $0.isClosed = true }
        worker.wake()
    }

    /// Ends the thread and waits for its end.
    func stop() { worker.stop() }

    private func step() -> Worker.Rest {
        state.withLock { state in
            let now = monotonicNanoseconds()
            if now >= state.nextNanoseconds {
                takeSample(&state)
                let missed = (now - state.nextNanoseconds) / periodNanoseconds
                state.nextNanoseconds += (missed + 1) * periodNanoseconds
            }
            let isBehind = serve(&state)
            let wait = state.nextNanoseconds - min(state.nextNanoseconds, monotonicNanoseconds())
            // Nobody is kept waiting for a heartbeat that a long period would delay.
            return .nanoseconds(min(wait, isBehind ? Self.catchUpNanoseconds : EventListener.heartbeatNanoseconds))
        }
    }

    private func takeSample(_ state: inout State) {
        let reading = lab.read { lockTimes.record(nanoseconds: $0) }
        markCollections(reading.memStats, &state)
        timeline.add(TimelineField.all.map { $0.word(of: reading) }, milliseconds: wallClockMilliseconds())
    }

    /// Marks the collections that nobody asked for since the last sample; those that were asked for have marks of their own.
    private func markCollections(_ stats: MemStats, _ state: inout State) {
        // Another heap counts from 0.
        if stats.numGC < state.collections { (state.collections, state.forcedCollections) = (0, 0) }
        let all = Int(stats.numGC - state.collections)
        let forced = Int(stats.numForcedGC) - Int(state.forcedCollections)
        (state.collections, state.forcedCollections) = (stats.numGC, stats.numForcedGC)
        guard all > forced else { return }
        let text = all - forced == 1 ? "gc \(stats.numGC)" : "\(all - forced) collections up to gc \(stats.numGC)"
        timeline.add(.gc, text, by: nil, milliseconds: Int(stats.lastGC / 1_000_000))
    }

    /// Gives each listener what it has room for.
    /// - Returns: whether one of them is behind.
    private func serve(_ state: inout State) -> Bool {
        let isClosed = door.withLock { door in
            state.listeners += door.waiting
            door.waiting = []
            return door.isClosed
        }
        let now = monotonicNanoseconds()
        var isBehind = false
        var gone = 0
        state.listeners.removeAll { listener in
            switch listener.serve(timeline, &state.formatter, now) {
            case .isUpToDate: break
            case .isBehind: isBehind = true
            case .isGone:
                gone += 1
                return true
            }
            if isClosed {
                listener.end()
                gone += 1
            }
            return isClosed
        }
        if gone > 0 { door.withLock { $0.count -= gone } }
        return isBehind
    }
}
