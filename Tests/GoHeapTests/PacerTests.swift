import Testing

import GoHeap

@Suite struct PacerTests {
    private let mebi = 1 << 20

    private let unlimited = Pacer.Memory()

    private func pacer(marked: Int, gcPercent: Int? = 100) -> Pacer {
        var pacer = Pacer()
        pacer.liveBytes = marked
        pacer.startCycle()
        pacer.endCycle(goalBytes: 0, markedBytes: marked, scannedBytes: marked, assistShare: 0, idleShare: 0)
        pacer.commit(gcPercent: gcPercent, sweepIsDone: true)
        return pacer
    }

    @Test("The goal is what is live and as much again, scaled, and at least 4 MiB, scaled")
    func goal() {
        #expect(pacer(marked: 100 * mebi).goalBytes(unlimited) == 200 * mebi)
        #expect(pacer(marked: 100 * mebi, gcPercent: 50).goalBytes(unlimited) == 150 * mebi)
        #expect(pacer(marked: 100 * mebi, gcPercent: nil).goalBytes(unlimited) == .max)
        #expect(pacer(marked: mebi).goalBytes(unlimited) == 4 * mebi)
        #expect(pacer(marked: mebi, gcPercent: 400).goalBytes(unlimited) == 16 * mebi)
    }

    @Test("Without experience the trigger is 61/64 of the way, or 4 MiB before the goal")
    func trigger() {
        #expect(pacer(marked: 64 * mebi).triggerBytes(unlimited) == 125 * mebi)
        #expect(pacer(marked: 256 * mebi).triggerBytes(unlimited) == 508 * mebi)
        let small = pacer(marked: 0)
        #expect(small.triggerBytes(unlimited) == 4 * mebi / 64 * 61)
        #expect(pacer(marked: mebi, gcPercent: nil).triggerBytes(unlimited) == .max)
    }

    @Test("Allocation while marking makes the next cycle start earlier, but not before 70% of the way")
    func runway() {
        var pacer = pacer(marked: 64 * mebi)
        pacer.liveBytes = pacer.triggerBytes(unlimited)
        pacer.startCycle()
        pacer.liveBytes += 16 * mebi
        pacer.endCycle(
            goalBytes: 0, markedBytes: 64 * mebi, scannedBytes: 64 * mebi, assistShare: 0, idleShare: 0)
        pacer.commit(gcPercent: 100, sweepIsDone: true)
        // cons/mark = 16 × 0.25 / (64 × 0.75); runway = that × 3 × 64 MiB = 16 MiB.
        #expect(pacer.runwayBytes / 1024 == 16 * 1024)
        #expect(abs(pacer.triggerBytes(unlimited) - 112 * mebi) < mebi)
        pacer.liveBytes = pacer.triggerBytes(unlimited)
        pacer.startCycle()
        pacer.liveBytes += 200 * mebi
        pacer.endCycle(
            goalBytes: 0, markedBytes: 64 * mebi, scannedBytes: 64 * mebi, assistShare: 0, idleShare: 0)
        pacer.commit(gcPercent: 100, sweepIsDone: true)
        #expect(pacer.triggerBytes(unlimited) == 64 * mebi + 64 * mebi / 64 * 45)
    }

    @Test("While spans wait to be swept, the next cycle keeps a MiB of distance")
    func sweepDistance() {
        var pacer = pacer(marked: 4 * mebi)
        pacer.liveBytes = 9 * mebi
        pacer.commit(gcPercent: 100, sweepIsDone: false)
        #expect(pacer.triggerBytes(unlimited) == 10 * mebi)
        #expect(pacer.goalBytes(unlimited) == 10 * mebi)
    }

    @Test("A memory limit lowers the goal: less what is not objects, less 3%, and not under what is live")
    func memoryLimit() {
        let memory = Pacer.Memory(
            limitBytes: 256 * mebi, freeBytes: 10 * mebi, objectBytes: 150 * mebi, mappedBytes: 176 * mebi)
        // 16 MiB are neither objects nor free.
        let goal = 240 * mebi - 240 * mebi / 100 * 3
        #expect(pacer(marked: 150 * mebi).goalBytes(memory) == goal)
        #expect(pacer(marked: 150 * mebi, gcPercent: nil).goalBytes(memory) == goal)
        #expect(pacer(marked: 250 * mebi).goalBytes(memory) == 250 * mebi)
        #expect(pacer(marked: 20 * mebi).goalBytes(memory) == 40 * mebi)
        var of1_19 = memory
        of1_19.headroomPercent = 0
        #expect(pacer(marked: 150 * mebi).goalBytes(of1_19) == 239 * mebi, "less a MiB")
    }

    @Test("Stacks and globals, where there are any, raise the goal by their percentage")
    func stacksAndGlobals() {
        var pacer = Pacer(otherScanBytes: 2 * mebi)
        pacer.liveBytes = 10 * mebi
        pacer.startCycle()
        pacer.endCycle(goalBytes: 0, markedBytes: 10 * mebi, scannedBytes: 0, assistShare: 0, idleShare: 0)
        pacer.commit(gcPercent: 50, sweepIsDone: true)
        #expect(pacer.goalBytes(unlimited) == 16 * mebi)
    }

    @Test("The limiter is full after a second of nothing but collecting, and empties when the program works")
    func limiter() {
        var limiter = CPULimiter(procs: 1, now: 0)
        limiter.accumulate(mutatorNanoseconds: 0, collectorNanoseconds: 900_000_000)
        #expect(!limiter.isLimiting)
        limiter.accumulate(mutatorNanoseconds: 50_000_000, collectorNanoseconds: 200_000_000)
        #expect(limiter.isLimiting)
        limiter.accumulate(mutatorNanoseconds: 100_000_000, collectorNanoseconds: 50_000_000)
        #expect(!limiter.isLimiting)
    }
}
