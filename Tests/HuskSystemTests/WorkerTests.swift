import HuskSystem
import Synchronization
import Testing

@Suite struct WorkerTests {
    @Test("a worker takes steps until it has nothing left, and again when it is woken") func steps() {
        let left = Atomic(3)
        let isDone = Semaphore()
        let worker = Worker(name: "test-worker")
        worker.start {
            if left.load(ordering: .relaxed) == 0 {
                isDone.post()
                return .untilWoken
            }
            left.subtract(1, ordering: .relaxed)
            return .none
        }
        isDone.wait()
        #expect(left.load(ordering: .relaxed) == 0)
        left.store(2, ordering: .relaxed)
        worker.wake()
        isDone.wait()
        #expect(left.load(ordering: .relaxed) == 0)
        worker.stop()
    }

    @Test("a rest of a time ends by itself, and a wake ends a longer one") func rests() {
        let steps = Atomic(0)
        let longRest = Semaphore()
        let worker = Worker(name: "test-worker")
        worker.start {
            if steps.add(1, ordering: .relaxed).newValue < 3 { return .nanoseconds(1_000) }
            longRest.post()
            return .nanoseconds(3_600_000_000_000)
        }
        longRest.wait()
        worker.wake()
        longRest.wait()
        worker.stop()
        #expect(steps.load(ordering: .relaxed) >= 4)
    }

    @Test("when a stop returns, the last call has been made and no step follows") func stop() {
        let wasLast = Atomic(false)
        let worker = Worker(name: "test-worker")
        worker.start({ wasLast.load(ordering: .relaxed) ? fatalError("a step after the last") : .untilWoken }) {
            wasLast.store(true, ordering: .relaxed)
        }
        worker.stop()
        #expect(wasLast.load(ordering: .relaxed))
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
