// A few threads for work that is too long for the threads that serve connections, and a queue before them.
//
// Bounds: `threads` at work, `queueLimit` waiting; what comes on top is refused, and the client told to come back. A queue
// that is full first drops the jobs of clients that have hung up.
// Lock: the monitor's. No job runs with it held.

import HuskSystem
import MicroHTTP

final class WorkPool: Sendable {
    typealias Job = @Sendable () -> Void

    private struct Waiting {
        let job: Job
        let isAbandoned: @Sendable () -> Bool
    }

    private struct State: ~Copyable {
        var queue: [Waiting] = []
        var isClosed = false
    }

    private let queueLimit: Int
    private let monitor: SharedMonitor
    private let threads: [OwnedThread]

    /// What the threads hold on to, so that they do not keep the pool itself alive.
    private final class SharedMonitor: Sendable {
        let monitor = Monitor(State())

        func nextJob() -> Job? {
            monitor.withLock(when: { !$0.queue.isEmpty || $0.isClosed }) { state in
                state.queue.isEmpty ? nil : state.queue.removeFirst().job
            }
        }
    }

    /// - Parameters:
    ///   - name: of the threads, at most 15 characters.
    ///   - threads: jobs that run at once.
    ///   - queueLimit: jobs that may wait.
    init(name: String, threads: Int, queueLimit: Int) {
        let shared = SharedMonitor()
        monitor = shared
        self.queueLimit = queueLimit
        self.threads = (0..<threads).map { _ in
            OwnedThread(name: name) {
                while let job = shared.nextJob() { job() }
            }
        }
    }

    /// Queues a job.
    /// - Parameter isAbandoned: whether nobody wants it any more; asked while it waits, when the queue is full.
    /// - Returns: false when the queue is full, or the pool is closed.
    func submit(isAbandoned: @escaping @Sendable () -> Bool = { false }, _ job: @escaping Job) -> Bool {
        var dropped: [Waiting] = []
        let isQueued = monitor.monitor.withLock { state in
            if state.isClosed { return false }
            if state.queue.count >= queueLimit {
                let firstAbandoned = state.queue.partition { $0.isAbandoned() }
                dropped += state.queue[firstAbandoned...]
                state.queue.removeSubrange(firstAbandoned...)
                if state.queue.count >= queueLimit { return false }
            }
            state.queue.append(Waiting(job: job, isAbandoned: isAbandoned))
            return true
        }
        // Here, without the lock, what the dropped jobs hold on to goes.
        dropped.removeAll()
        if isQueued { monitor.monitor.wakeWaiters() }
        return isQueued
    }

    /// How many jobs wait for a thread.
    var waitingCount: Int { monitor.monitor.withLock { $0.queue.count } }

    /// Takes no more jobs, and waits until those queued are done. To be called once, not from a job.
    func close() {
        monitor.monitor.withLock { $0.isClosed = true }
        monitor.monitor.wakeWaiters()
        for thread in threads { thread.join() }
    }
}
