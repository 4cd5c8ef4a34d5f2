import GoHeap
import GoMap
import HuskLab
import Testing

@Suite struct SettingsTests {
    @Test("A change keeps what it does not name, and takes effect at once")
    func merge() throws {
        let lab = try makeLab("map[int][128]byte")
        var change = SettingsChange()
        change.gcPercent = .off
        change.watchdog.when.idleBytes = 5
        let settings = try lab.change(change)
        #expect(settings.runtime.gcPercent == nil && settings.watchdog.policy.when.idleBytes == 5)
        #expect(
            settings.runtime.forceGCPeriodNanoseconds == 120_000_000_000 && settings.watchdog.policy.does.kind == .none)
        #expect(lab.settings == settings)
        _ = try lab.insert(range(200_000))
        #expect(lab.readMemStats().numGC == 0 && !lab.readMemStats().enableGC)
        change = SettingsChange()
        change.gcPercent = .percent(100)
        #expect(try lab.change(change).watchdog.policy.when.idleBytes == 5)
        // As Go does, the heap looks at its trigger when it takes a span: here when the map grows.
        _ = try lab.insert(range(300_000, from: 200_000))
        #expect(eventually { lab.readMemStats().numGC >= 1 })
        #expect(lab.count == 500_000)
    }

    @Test("Another profile brings its GOMAXPROCS, unless one had been set")
    func maxProcs() {
        var upgrade = SettingsChange()
        upgrade.profile = .go1_27
        #expect(upgrade.applied(to: LabSettings()).runtime.maxProcs == GoProfile.go1_27.maxProcs)
        var old = LabSettings()
        old.runtime.maxProcs = GoProfile.go1_23.maxProcs + 5
        #expect(upgrade.applied(to: old).runtime.maxProcs == GoProfile.go1_23.maxProcs + 5)
        upgrade.maxProcs = 3
        #expect(upgrade.applied(to: LabSettings()).runtime.maxProcs == 3)
    }

    @Test(
        "Another profile starts over with an empty map of the same type, and brings its own scavenger and madvise"
    )
    func profile() throws {
        let lab = try makeLab("map[int]int", hint: 1000)
        _ = try lab.insert(range(5000))
        _ = lab.collect()
        var change = SettingsChange()
        change.profile = .go1_14
        let settings = try lab.change(change)
        #expect(settings.profile == .go1_14 && settings.runtime.madvise == .free)
        #expect(lab.count == 0 && lab.report().hint == 1000)
        #expect(lab.readMemStats().heapSys == 64 << 20 && lab.readMemStats().numGC == 0)
        #expect(try lab.insert(range(5000)).result.inserted == 5000)
        #expect(lab.get("4999") != nil)
        // The same profile again changes nothing.
        #expect(try lab.change(change) == settings)
        #expect(lab.count == 5000)
        change.profile = .go1_10
        change.madvise = .free
        #expect(try lab.change(change).runtime.scavenger == .periodic)
        #expect(lab.settings.runtime.madvise == .free)
    }

    @Test("A nil map stays nil when the profile changes")
    func nilMap() throws {
        let lab = try makeLab("map[int]int")
        _ = lab.setNil()
        var change = SettingsChange()
        change.profile = .go1_27
        _ = try lab.change(change)
        #expect(lab.report().statistics.isNil && lab.put("1", "1") == .mapIsNil)
    }

    @Test("An iteration goes on over the heap that it began on, whatever becomes of the lab's")
    func iterationOutlivesHeap() throws {
        let lab = try makeLab("map[int]int")
        _ = try lab.insert(range(50_000))
        var iteration: EntryIteration? = lab.iterateEntries()
        var seen = 0
        let visit: (Datum, Datum) -> Bool = { _, _ in
            seen += 1
            return true
        }
        _ = iteration?.next(visit)
        var change = SettingsChange()
        for profile in [GoProfile.go1_10, .go1_19] {
            change.profile = profile
            _ = try lab.change(change)
            _ = try lab.insert(range(1000))
        }
        while iteration!.next(visit) {}
        #expect(seen == 50_000)
        iteration = nil
        #expect(lab.count == 1000)
    }

    @Test("Profiles change under load, and no client notices more than a map that is empty")
    func exchangeUnderLoad() async throws {
        let lab = try makeLab("map[string][]byte")
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<3 {
                group.addTask {
                    for number in 0..<20_000 {
                        #expect(lab.put("\(worker)-\(number % 997)", "value \(number)") != .mapIsNil)
                        _ = lab.delete("\(worker)-\(number % 101)")
                    }
                }
            }
            group.addTask {
                for _ in 0..<5 {
                    _ = lab.collect()
                    _ = lab.freeOSMemory()
                    _ = try? lab.insert(range(2000))
                }
            }
            group.addTask {
                for profile in GoProfile.allCases + GoProfile.allCases.reversed() {
                    var change = SettingsChange()
                    change.profile = profile
                    #expect(throws: Never.self) { try lab.change(change) }
                }
            }
        }
        #expect(lab.settings.profile == .go1_10)
    }
}
