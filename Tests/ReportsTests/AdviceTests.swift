import Reports
import Testing

@Suite("The advice follows from the table")
struct AdviceTests {
    @Test("The remedy that leaves least RSS is first, with what it costs; those that change nothing are second")
    func best() {
        let advice = report([
            run("none", rss: 100), run("free-memory", rss: 99.5), run("gc", rss: 102),
            run("copy,loadBelow=0.25", rss: 39, cpuSeconds: 10.08), run("swiss", rss: 70),
        ]).advice
        #expect(
            advice == [
                "copy,loadBelow=0.25: 61% less RSS at the end for 0.8% more CPU.", "free-memory and gc: nothing.",
            ])
    }

    @Test("Of remedies that free as much, the one that costs least is advised, whatever their order")
    func ties() {
        let copy = run("copy", rss: 40, cpuSeconds: 10.5)
        let incremental = run("incremental-copy", rss: 41, cpuSeconds: 11.5)
        for runs in [[copy, incremental], [incremental, copy]] {
            let advice = report([run("none", rss: 100)] + runs).advice
            #expect(advice[0] == "copy: 60% less RSS at the end for 5% more CPU.")
        }
    }

    @Test("Misses weigh more than CPU among those that free as much, and are told where there is no choice")
    func misses() {
        let replace = run("replace", rss: 40, cpuSeconds: 9, misses: 1234)
        let chosen = report([run("none", rss: 100), replace, run("copy", rss: 41, cpuSeconds: 12)]).advice
        #expect(chosen[0] == "copy: 59% less RSS at the end for 20% more CPU.")
        let only = report([run("none", rss: 100), replace]).advice
        #expect(only[0] == "replace: 60% less RSS at the end with 10% less CPU and 1,234 more misses.")
    }

    @Test("A remedy that holds everybody up says for how long, and which one does without")
    func waits() {
        let advice = report([
            run("none", rss: 100), run("copy", rss: 40, cpuSeconds: 10.1, remedySeconds: 0.208),
            run("incremental-copy", rss: 40, cpuSeconds: 11),
        ]).advice
        #expect(
            advice[0] == "copy: 60% less RSS at the end for 1% more CPU, and each time all wait 52.0 ms; "
                + "incremental-copy frees as much for 10% more CPU, and nobody has to wait so long.")
    }

    @Test("Entries that are gone are told of, and weigh more than CPU")
    func lostEntries() {
        func run(_ remedy: String, len: Int, cpuSeconds: Double) -> ReportRun {
            var result = ReportsTests.run(
                remedy, rss: remedy == "none" ? 100 : 40, cpuSeconds: cpuSeconds, points: [(0, 1)])
            result.samples[0].len = len
            return result
        }
        let (none, replace) = (run("none", len: 1000, cpuSeconds: 10), run("replace", len: 150, cpuSeconds: 8))
        #expect(report([none, replace]).advice[0].contains("with 20% less CPU, 85% of the entries gone."))
        let advice = report([none, replace, run("copy", len: 1000, cpuSeconds: 12)]).advice
        #expect(advice[0] == "copy: 60% less RSS at the end for 20% more CPU.")
    }

    @Test("What gives back to the heap but not to the system is told apart from what does nothing")
    func insideTheHeap() {
        let advice = report([
            run("none", rss: 100), run("swiss", rss: 70), run("copy", rss: 101, heapAlloc: 30), run("gc", rss: 99),
        ]).advice
        #expect(advice[1] == "gc: nothing; copy: 40% less HeapAlloc, but no less RSS.")
    }

    @Test("What uses more is said to, and peaks are compared when nothing else is to be said")
    func worse() {
        let advice = report([run("none", rss: 100), run("copy", rss: 50), run("shards", rss: 130)]).advice
        #expect(advice[1] == "shards: 30% more RSS.")
        let peaks = report([run("none", rss: 100), run("copy", rss: 50, peakHeapAlloc: 150)]).advice
        #expect(peaks[1] == "On its way copy needs at most 150 MiB HeapAlloc, where doing nothing needs 100 MiB.")
    }

    @Test("If RSS does not fall HeapAlloc decides, and if neither falls nothing is advised")
    func heapAlloc() {
        let heap = report([run("none", rss: 100), run("copy", rss: 99, heapAlloc: 25), run("gc", rss: 100)]).advice
        #expect(heap[0].hasPrefix("copy: 50% less HeapAlloc at the end for no more CPU, while RSS stays"))
        #expect(heap[1] == "gc: nothing.")
        let nothing = report([run("none", rss: 100, retained: 1), run("gc", rss: 99)]).advice
        #expect(nothing[0].hasPrefix("None of these frees anything"))
        #expect(nothing[1] == "Of 50.0 MiB HeapAlloc the map retains 1.00 MiB: there is next to nothing to free.")
    }

    @Test("RSS that differs by chance is no saving: less than a mebibyte of a small process")
    func chance() {
        let advice = report([run("none", rss: 8, heapAlloc: 1), run("gc", rss: 7.3, heapAlloc: 1)]).advice
        #expect(advice[0].hasPrefix("None of these frees anything"))
    }

    @Test("Runs that did not come to their end are not advised, nor compared with")
    func unfinishedRuns() {
        var stopped = run("copy", rss: 1)
        stopped.state = .stopped
        let noRemedy = report([run("none", rss: 100), stopped, unfinished("swiss", .refused, "no")]).advice
        #expect(noRemedy == ["No remedy ran to its end, so there is nothing to advise."])
        let noBaseline = report([unfinished("none", .failed), run("copy", rss: 40), run("gc", rss: 50)]).advice
        #expect(
            noBaseline == [
                "There is nothing to compare with: no run without a remedy came to its end.",
                "Least RSS at the end: copy, 40.0 MiB.",
            ])
        #expect(report([unfinished("none", .missing)]).advice.count == 1)
        #expect(report([]).advice.isEmpty)
    }

    @Test("Each Go is compared with its own run without a remedy, and the Gos with each other")
    func gos() {
        let advice = report([
            run("none", rss: 100), run("copy", rss: 40), run("none", go: "1.27", rss: 80),
            run("copy", go: "1.27", rss: 72),
        ]).advice
        #expect(advice[0] == "As Go 1.23: copy: 60% less RSS at the end for no more CPU.")
        #expect(advice[2] == "As Go 1.27: copy: 10% less RSS at the end for no more CPU.")
        #expect(
            advice.last == "Without a remedy, RSS at the end is 100 MiB as Go 1.23, and as Go 1.27 80.0 MiB (-20%).")
    }
}
