import HuskSystem
import Synchronization
import Testing

@Suite struct WorkerTests {
    @Test("a worker takes steps until it has nothing left, and again when it is woken") func steps() {
        let left = Mutex(3)
        let isDone = Semaphore()
        let worker = Worker(name: "test-worker")
        worker.start {
            if read(left) == 0 {
                isDone.post()
                return .untilWoken
            }
            left.withLock { $0 -= 1 }
            return .none
        }
        isDone.wait()
        #expect(read(left) == 0)
        left.withLock { $0 = 2 }
        worker.wake()
        isDone.wait()
        #expect(read(left) == 0)
        worker.stop()
    }

    @Test("a rest of a time ends by itself, and a wake ends a longer one") func rests() {
        let steps = Mutex(0)
        let longRest = Semaphore()
        let worker = Worker(name: "test-worker")
        worker.start {
            let count = steps.withLock { steps in
                steps += 1
                return steps
            }
            if count < 3 { return .nanoseconds(1_000) }
            longRest.post()
            return .nanoseconds(3_600_000_000_000)
        }
        longRest.wait()
        worker.wake()
        longRest.wait()
        worker.stop()
        #expect(read(steps) >= 4)
    }

    @Test("when a stop returns, the last call has been made and no step follows") func stop() {
        let calls = Mutex<[String]>([])
        let hasBegun = Semaphore()
        let worker = Worker(name: "test-worker")
        worker.start(
            {
                calls.withLock { $0.append("step") }
                hasBegun.post()
                return .untilWoken
            }, last: { calls.withLock { $0.append("last") } })
        hasBegun.wait()
        worker.stop()
        let made = calls.withLock { $0 }
        #expect(made == ["step", "last"])
    }

    @Test("a worker may ask itself to stop") func stopsItself() {
        let ended = Semaphore()
        let worker = Worker(name: "test-worker")
        worker.start(
            {
                worker.stopSoon()
                return .untilWoken
            }, last: { ended.post() })
        ended.wait()
    }
}

/// The value under a lock: what is in it, `#expect` cannot take apart.
private func read(_ count: borrowing Mutex<Int>) -> Int { count.withLock { $0 } }
