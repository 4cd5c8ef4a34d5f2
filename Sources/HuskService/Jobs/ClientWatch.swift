import HuskSystem

/// Tells work whether to go on: whether its client is still there and may wait for its answer, which is asked no more than
/// every 10 ms, for it costs a system call; and whether its job has been cancelled. Used by one thread.
final class ClientWatch {
    /// Nil for work that is too short to be listed.
    private let job: Job?
    private let ask: () -> Bool
    private var nextNanoseconds: UInt64 = 0
    private var wasGone = false

    init(_ job: Job?, _ ask: @escaping () -> Bool) {
        self.job = job
        self.ask = ask
    }

    /// Whether nobody waits for the work any more.
    var isOver: Bool {
        if job?.isCancelled == true { return true }
        let now = monotonicNanoseconds()
        if now >= nextNanoseconds {
            nextNanoseconds = now + 10_000_000
            wasGone = wasGone || ask()
        }
        return wasGone
    }

    /// As `Job.progress`.
    func progress(_ done: Int, of total: Int? = nil) { job?.progress(done, of: total) }
}
