// A piece of long work: what it is, how far it has come, and whether somebody has cancelled it.
//
//     waiting ──start──► running ──end──► gone
//        │                  │
//        └──────cancel──────┴──► the request that waits for it is answered: at once, or when the work looks next
//
// Work looks between two slices, a fraction of a millisecond each; a client that is waited for is let go of at once.

import HuskSystem
import Synchronization

final class Job: Sendable {
    enum Kind: String, Sendable {
        case insert, delete, replace, gc, freeMemory = "free-memory", picture, `import`, export, scenario, workload,
            size, memory
    }

    private enum Stage { case waiting, running, cancelled }

    let id: Int
    let kind: Kind
    private let startNanoseconds = monotonicNanoseconds()
    private let stage = Mutex(Stage.waiting)
    private let isCancelledNow = Atomic(false)
    private let doneCount = Atomic(0)
    /// 0 while it is not known.
    private let totalCount = Atomic(0)
    private let registry: JobRegistry
    private let whenCancelled: @Sendable (_ wasWaiting: Bool) -> Void

    fileprivate init(
        _ id: Int, _ kind: Kind, in registry: JobRegistry,
        whenCancelled: @escaping @Sendable (_ wasWaiting: Bool) -> Void
    ) {
        self.id = id
        self.kind = kind
        self.registry = registry
        self.whenCancelled = whenCancelled
    }

    deinit { registry.remove(id) }

    /// The work begins.
    /// - Returns: false when it has been cancelled, and its request answered.
    func start() -> Bool {
        stage.withLock { stage in
            guard stage == .waiting else { return false }
            stage = .running
            return true
        }
    }

    /// The work is done, or will not be: it is listed no more.
    func end() { registry.remove(id) }

    /// To be asked between two slices of the work.
    var isCancelled: Bool { isCancelledNow.load(ordering: .relaxed) }

    /// How far the work has come: so many of so many keys, entries or lines; the total is nil where nobody knows it.
    func progress(_ done: Int, of total: Int? = nil) {
        doneCount.store(done, ordering: .relaxed)
        if let total { totalCount.store(total, ordering: .relaxed) }
    }

    /// Ends the work. Any thread.
    func cancel() {
        let before = stage.withLock { stage in
            defer { stage = .cancelled }
            return stage
        }
        if before == .cancelled { return }
        isCancelledNow.store(true, ordering: .relaxed)
        whenCancelled(before == .waiting)
        // What has not begun will not.
        if before == .waiting { end() }
    }

    /// The job as it is now, for GET /jobs.
    func write(to json: inout JSONWriter) {
        let stage = stage.withLock { $0 }
        let total = totalCount.load(ordering: .relaxed)
        json.beginObject()
        json.field("id", id)
        json.field("kind", kind.rawValue)
        json.field("state", stage == .waiting ? "waiting" : stage == .running ? "running" : "cancelled")
        json.field("done", doneCount.load(ordering: .relaxed))
        json.field("total", total > 0 ? total : nil)
        json.field("elapsedNanoseconds", monotonicNanoseconds() - startNanoseconds)
        json.endObject()
    }
}

/// The jobs that wait or run. Any thread; whoever does the work holds on to its job, and one that is let go of is gone.
final class JobRegistry: Sendable {
    private struct Entry {
        weak var job: Job?
    }
    private struct State {
        var lastID = 0
        var entries: [Int: Entry] = [:]
    }
    private let state = Mutex(State())

    /// Makes a job, which waits.
    /// - Parameter whenCancelled: is called once at most, from the thread that cancels the job.
    func add(
        _ kind: Job.Kind, whenCancelled: @escaping @Sendable (_ wasWaiting: Bool) -> Void
    ) -> Job {
        state.withLock { state in
            state.lastID += 1
            let job = Job(state.lastID, kind, in: self, whenCancelled: whenCancelled)
            state.entries[job.id] = Entry(job: job)
            return job
        }
    }

    fileprivate func remove(_ id: Int) {
        _ = state.withLock { $0.entries.removeValue(forKey: id) }
    }

    /// All, oldest first.
    func list() -> [Job] {
        let jobs = state.withLock { state in state.entries.values.compactMap(\.job) }
        return jobs.sorted { $0.id < $1.id }
    }

    /// - Returns: nil when there is none of this number, or no more.
    func job(_ id: Int) -> Job? {
        state.withLock { $0.entries[id]?.job }
    }
}
