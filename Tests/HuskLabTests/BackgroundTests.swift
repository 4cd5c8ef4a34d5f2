import Foundation
import GoHeap
import HuskLab
import Synchronization
import Testing

@Suite struct BackgroundTests {
    /// What a lab has said, from its own threads.
    private final class Said: Sendable {
        let lines = Mutex<[String]>([])
        let watchdogRuns = Mutex<[Measured<Void>]>([])
    }

    private func makeLab(
        _ said: Said = Said(), profile: GoProfile = .go1_23, timeScale: Double = 1,
        _ change: (inout LabSettings) -> Void = { _ in }
    ) throws -> Lab {
        var configuration = Lab.Configuration()
        configuration.type = try .init(parsing: "map[int][128]byte")
        configuration.settings = LabSettings(profile: profile)
        configuration.timeScale = timeScale
        configuration.printTrace = { lines in said.lines.withLock { $0 += lines } }
        configuration.reportWatchdog = { run in said.watchdogRuns.withLock { $0.append(run) } }
        change(&configuration.settings)
        return try Lab(configuration)
    }

    @Test("Two minutes after a collection another is forced, of the runtime's minutes")
    func forcedCollection() throws {
        let lab = try makeLab(timeScale: 600)
        _ = lab.collect()
        #expect(eventually { lab.readMemStats().numGC >= 3 })
        #expect(lab.traceLines().contains("GC forced"))
        #expect(lab.readMemStats().numForcedGC == 1)
    }

    @Test("The background scavenger gives back what a nil map has left, without being asked")
    func scavenger() throws {
        let lab = try makeLab()
        _ = try lab.insert(range(300_000))
        _ = lab.setNil()
        _ = lab.collect()
        _ = lab.collect()
        let idle = lab.sample()
        #expect(eventually { lab.sample().heapReleased > idle.heapIdle / 2 })
    }

    @Test("With the periodic scavenger, idle pages go back after five of the runtime's minutes, not before")
    func periodicScavenger() throws {
        let lab = try makeLab(profile: .go1_10, timeScale: 300)
        _ = try lab.insert(range(300_000))
        _ = lab.setNil()
        let collected = lab.collect().after
        // On a slow machine the smaller arrays that the map grew out of may have been idle for long enough; the last is not.
        #expect(collected.heapReleased < collected.heapIdle / 2)
        #expect(eventually { lab.sample().heapReleased > collected.heapIdle / 2 })
        #expect(lab.traceLines().contains { $0.hasPrefix("scvg") })
    }

    @Test("Trace lines are printed as they come while that is on, in Go's format")
    func printsTrace() throws {
        let said = Said()
        let lab = try makeLab(said)
        _ = lab.collect()
        usleep(200_000)
        #expect(said.lines.withLock { $0.isEmpty })
        var change = SettingsChange()
        change.printsTrace = true
        _ = try lab.change(change)
        usleep(100_000)
        let line = lab.collect().result
        #expect(eventually { said.lines.withLock { $0.contains(line) } })
        #expect(lab.traceLines().contains(line))
        let format =
            #"^gc \d+ @\d+\.\d{3}s \d+%: [\d.]+\+[\d.]+\+[\d.]+ ms clock, "#
            + #"[\d.]+\+[\d.]+/[\d.]+/[\d.]+\+[\d.]+ ms cpu, \d+->\d+->\d+ MB, \d+ MB goal, "#
            + #"\d+ MB stacks, \d+ MB globals, \d+ P \(forced\)$"#
        #expect(line.range(of: format, options: .regularExpression) != nil, "\(line)")
        // Go up to 1.17 did not print stacks and globals.
        let old = try makeLab(profile: .go1_14).collect().result
        #expect(!old.contains("stacks") && old.hasPrefix("gc 1 @"))
    }

    @Test("The watchdog frees memory when more than so much is idle, counts it, and says so")
    func watchdog() throws {
        let said = Said()
        let lab = try makeLab(said, timeScale: 100) { settings in
            settings.runtime.scavenger = .off
            settings.watchdog.isEnabled = true
            settings.watchdog.idleBytes = 16 << 20
        }
        _ = try lab.insert(range(100_000))
        _ = lab.setNil()
        _ = lab.collect()
        #expect(eventually { lab.watchdogTotals.runs > 0 })
        #expect(eventually { said.watchdogRuns.withLock { !$0.isEmpty } })
        let run = said.watchdogRuns.withLock { $0[0] }
        #expect(run.before.heapIdle - run.before.heapReleased > 16 << 20)
        #expect(run.after.heapIdle == run.after.heapReleased)
        #expect(lab.watchdogTotals.releasedBytes >= run.after.heapReleased - run.before.heapReleased)
        // Less than that is idle now.
        let runs = lab.watchdogTotals.runs
        usleep(500_000)
        #expect(lab.watchdogTotals.runs == runs)
    }

    @Test("The identities of MemStats hold for a reader that polls during load")
    func identities() throws {
        let lab = try makeLab(timeScale: 1000) { settings in
            settings.watchdog.isEnabled = true
            settings.watchdog.idleBytes = 1 << 20
        }
        let isDone = Mutex(false)
        let thread = Thread {
            for round in 0..<6 {
                _ = try? lab.insert(range(40_000, from: round * 20_000))
                _ = try? lab.delete(range(40_000, from: round * 20_000 - 20_000))
                if round % 3 == 2 { _ = lab.freeOSMemory() }
            }
            isDone.withLock { $0 = true }
        }
        thread.start()
        var polls = 0
        while !isDone.withLock({ $0 }) {
            let stats = lab.readMemStats()
            #expect(stats.heapSys == stats.heapInuse + stats.heapIdle)
            #expect(stats.heapReleased <= stats.heapIdle)
            #expect(stats.mallocs - stats.frees == stats.heapObjects)
            #expect(stats.alloc == stats.heapAlloc)
            let parts = stats.heapSys + stats.stackSys + stats.mspanSys + stats.mcacheSys + stats.buckHashSys
            #expect(stats.sys == parts + stats.gcSys + stats.otherSys)
            polls += 1
        }
        #expect(polls > 10)
    }

    @Test("The collector holds the lock in short stretches")
    func pauses() throws {
        var configuration = Lab.Configuration()
        configuration.type = try .init(parsing: "map[int]*int")
        let lab = try Lab(configuration)
        _ = try lab.insert(range(500_000))
        for _ in 0..<3 { _ = lab.collect() }
        let (buckets, sumNanoseconds) = lab.pauses.read()
        let count = buckets.reduce(0, +)
        let underMillisecond = zip(PauseHistogram.boundsNanoseconds, buckets).filter { $0.0 <= 1_000_000 }
            .reduce(0) { $0 + $1.1 }
        #expect(count > 20 && sumNanoseconds > 0)
        #expect(Double(underMillisecond) >= Double(count) * 0.95, "\(buckets)")
    }
}
