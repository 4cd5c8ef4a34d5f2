import HuskLab
import Testing

/// A watch of a lab's.
private final class Watch {
    private var watch: PolicyWatch
    private let lab: Lab

    init(_ policy: String, _ lab: Lab) throws {
        watch = PolicyWatch(try RemedyPolicy(parsing: policy), lab)
        self.lab = lab
    }

    func isDue(round: Int? = nil) -> Bool { watch.isDue(lab, round: round) }
    func didApply(round: Int? = nil) { watch.didApply(lab, round: round) }
}

@Suite struct RemedyPolicyTests {
    @Test("A policy is read from one word, its conditions and settings by name")
    func parsing() throws {
        #expect(try RemedyPolicy(parsing: "none") == RemedyPolicy())
        let copy = try RemedyPolicy(parsing: "copy,loadBelow=0.25")
        #expect(copy.does == Remedy(.copy) && copy.when.loadBelow == 0.25 && copy.when.names == [.loadBelow])
        let shards = try RemedyPolicy(parsing: "shards,shards=16,everyRounds=5")
        #expect(shards.does.kind == .shards && shards.does.shards == 16 && shards.when.everyRounds == 5)
        let all = try RemedyPolicy(
            parsing: "incremental-copy,idleBytes=1MiB,retainedBytes=5,loadBelow=1,deletesSinceRebuild=7,gcCPUAbove=0.5,"
                + "everyRounds=1,every=1.5s,entriesPerOperation=4")
        #expect(all.when.names == Conditions.Name.allCases && all.does.entriesPerOperation == 4)
        #expect(all.when.idleBytes == 1 << 20 && all.when.everyNanoseconds == 1_500_000_000)
        #expect(Remedy.Kind.allCases.allSatisfy { (try? RemedyPolicy(parsing: $0.rawValue))?.does.kind == $0 })
    }

    @Test(
        "What is wrong with a policy is said with the name of its part",
        arguments: [
            ("", "kind is ''"), ("rebuild", "kind is 'rebuild'"), ("copy,", "''"), ("copy,load", "'load'"),
            ("copy,load=1", "load is '1'"), ("copy,loadBelow=2", "loadBelow is '2'"),
            ("copy,loadBelow=nan", "loadBelow is 'nan'"),
            ("copy,loadBelow=0", "loadBelow is '0'"), ("copy,everyRounds=0", "everyRounds is '0'"),
            ("copy,everyRounds=1,everyRounds=2", "everyRounds is given twice"), ("copy,every=5", "every is '5'"),
            ("copy,retainedBytes=-1", "retainedBytes is '-1'"),
            ("copy,deletesSinceRebuild=x", "deletesSinceRebuild is 'x'"),
            ("copy,gcCPUAbove=30%", "gcCPUAbove is '30%'"), ("copy,shards=4", "shards is '4'"),
            ("shards,shards=3", "shards is '3'"), ("shards,shards=1", "shards is '1'"),
            ("incremental-copy,entriesPerOperation=0", "entriesPerOperation is '0'"),
        ])
    func badPolicy(_ text: String, _ expected: String) {
        let error = #expect(throws: SettingError.self) { _ = try RemedyPolicy(parsing: text) }
        #expect(error?.expected.hasPrefix(expected) == true, "\(text): \(error?.expected ?? "accepted")")
    }

    @Test("Conditions on the map hold when its figures say so, and all must hold")
    func figures() throws {
        let lab = try makeLab("map[int]int")
        let load = try Watch("gc,loadBelow=0.25", lab)
        #expect(!load.isDue(), "an empty map of one bucket has no less")
        _ = try lab.insert(range(10_000))
        let both = try Watch("gc,loadBelow=0.25,retainedBytes=1GiB", lab)
        let retained = try Watch("gc,retainedBytes=64KiB", lab)
        #expect(!load.isDue() && !retained.isDue())
        _ = try lab.delete(range(9_000))
        #expect(load.isDue() && retained.isDue() && !both.isDue())
        let idle = try Watch("gc,idleBytes=64KiB", lab)
        #expect(!idle.isDue())
        _ = lab.setNil()
        _ = lab.collect()
        #expect(idle.isDue() && !retained.isDue() && !load.isDue())
        let nothing = try Watch("none", lab)
        let always = try Watch("gc", lab)
        #expect(!nothing.isDue(round: 1) && always.isDue())
    }

    @Test("Rounds, time and deletes count from when the remedy was applied, deletes from when the map was made")
    func counts() throws {
        let lab = try makeLab("map[int]int")
        let rounds = try Watch("gc,everyRounds=3", lab)
        #expect(!rounds.isDue() && !rounds.isDue(round: 2) && rounds.isDue(round: 3))
        rounds.didApply(round: 3)
        #expect(!rounds.isDue(round: 5) && rounds.isDue(round: 6))
        let deletes = try Watch("gc,deletesSinceRebuild=100", lab)
        _ = try lab.insert(range(1_000))
        _ = try lab.delete(range(99))
        _ = try lab.delete(range(99))
        #expect(!deletes.isDue(), "those that were not there are none")
        #expect(lab.delete("99") == .deleted)
        #expect(deletes.isDue())
        #expect(try Watch("gc,deletesSinceRebuild=100", lab).isDue(), "also for one that has just begun")
        _ = try lab.apply(Remedy(.copy))
        #expect(!deletes.isDue(), "the copy has none behind it")
        #expect(lab.clear().result == 900)
        #expect(deletes.isDue())
        deletes.didApply()
        #expect(!deletes.isDue())
        let often = try Watch("gc,every=10ms", lab)
        #expect(eventually { often.isDue() })
        often.didApply()
        let seldom = try Watch("gc,every=1h", lab)
        #expect(!seldom.isDue(round: 1_000_000))
    }

    @Test("The collector's share counts from one look to the next")
    func collectorShare() throws {
        let lab = try makeLab("map[int]*int")
        _ = try lab.insert(range(100_000))
        let watch = try Watch("gc,gcCPUAbove=0.0001", lab)
        _ = lab.collect()
        #expect(watch.isDue())
        let most = try Watch("gc,gcCPUAbove=1", lab)
        _ = lab.collect()
        #expect(!most.isDue())
    }
}
