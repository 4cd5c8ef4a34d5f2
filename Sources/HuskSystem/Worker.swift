// A thread that does its work step by step, rests in between, and can be woken and stopped.
//
//     let worker = Worker(name: "husk-work")
//     worker.start { isSomethingLeft ? .none : .untilWoken }
//     ...
//     worker.wake()
//     worker.stop()

import Synchronization

package final class Worker: Sendable {
    /// What a worker does after a step.
    package enum Rest: Sendable {
        /// Takes the next step.
        case none
        /// Sleeps so long, or until it is woken.
        case nanoseconds(UInt64)
        case untilWoken
    }

    private let name: String
    private let isStopping = Atomic<Bool>(false)
    private let wakeUp = Semaphore()
    private let ended = Semaphore()

    /// - Parameter name: of the thread, at most 15 characters.
    package init(name: String) { self.name = name }

    /// Starts the thread. To be called once.
    ///
    /// - Parameters:
    ///   - step: is called again and again until the worker is stopped; what it holds on to, it holds on to until then.
    ///   - last: is called before the thread ends.
    package func start(_ step: @escaping @Sendable () -> Rest, last: @escaping @Sendable () -> Void = {}) {
        let thread = OwnedThread(name: name) { [self] in
            while !isStopping.load(ordering: .acquiring) {
                switch step() {
                case .none: break
                case .nanoseconds(let nanoseconds): wakeUp.wait(nanoseconds: nanoseconds)
                case .untilWoken: wakeUp.wait()
                }
            }
            last()
            ended.post()
        }
        thread.letGo()
    }

    /// Ends a rest, the coming one if there is none now. Any thread.
    package func wake() { wakeUp.post() }

    /// Ends the thread after the step that it may be at. The worker's own thread may call this.
    package func stopSoon() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.post()
    }

    /// Ends the thread and waits for its end. To be called once.
    package func stop() {
        stopSoon()
        ended.wait()
    }
}
