// The lines of gctrace and scavtrace, against those of real toolchains.

import Foundation
import GoHeap
import Testing

@Suite struct TraceTests {
    /// Lines of one form: what they look like, and one that a real Go has printed.
    struct Form: Sendable {
        let pattern: String
        let sample: String
    }

    // Go's fmtNSAsMS: two digits and at most three places, whole milliseconds from ten on.
    private static let ms = #"(?:0|0\.0\d\d|0\.[1-9]\d|[1-9]\.\d|[1-9]\d+)"#

    private static func collection(_ afterGoal: String) -> String {
        #"^gc [1-9]\d* @\d+\.\d{3}s \d+%: \#(ms)\+\#(ms)\+\#(ms) ms clock, "#
            + #"\#(ms)\+\#(ms)/\#(ms)/\#(ms)\+\#(ms) ms cpu, \d+->\d+->\d+ MB, \d+ MB goal, "#
            + afterGoal + #"\d+ P(?: \(forced\))?$"#
    }

    private static let collectionSince18 = collection(#"\d+ MB stacks, \d+ MB globals, "#)
    private static let scavengerUntil20 = #"^scav \d+ KiB work, \d+ KiB total, \d+% util(?: \(forced\))?$"#
    private static let scavengerSince21 =
        #"^scav \d+ KiB work \(bg\), \d+ KiB work \(eager\), \d+ KiB now, \d+% util(?: \(forced\))?$"#

    /// The samples of 1.19 (1.19.8), 1.23 (1.23.9), 1.24 (1.24.11) and 1.27 (1.27.3) were printed with
    /// GODEBUG=gctrace=1,scavtrace=1. No toolchain of 1.10 and 1.14 was to be had: those are made up after their
    /// gcMarkTermination, mheap.scavenge and printScavTrace.
    private static func forms(_ profile: GoProfile) -> [Form] {
        switch profile {
        case .go1_10:
            [
                Form(
                    pattern: collection(""),
                    sample: "gc 9 @0.318s 1%: 0.018+1.3+0.076 ms clock, 0.054+0.35/1.0/3.0+0.23 ms cpu, 4->4->3 MB, "
                        + "5 MB goal, 4 P"),
                Form(pattern: #"^scvg-?\d+: \d+ MB released$"#, sample: "scvg-1: 56 MB released"),
                Form(
                    pattern: #"^scvg-?\d+: inuse: \d+, idle: \d+, sys: \d+, released: \d+, consumed: \d+ \(MB\)$"#,
                    sample: "scvg0: inuse: 426, idle: 0, sys: 427, released: 0, consumed: 427 (MB)"),
            ]
        case .go1_14:
            [
                Form(
                    pattern: collection(""),
                    sample: "gc 9 @0.318s 1%: 0.018+1.3+0.076 ms clock, 0.054+0.35/1.0/3.0+0.23 ms cpu, 4->4->3 MB, "
                        + "5 MB goal, 4 P (forced)"),
                Form(pattern: scavengerUntil20, sample: "scav 0 KiB work, 63504 KiB total, 91% util"),
            ]
        case .go1_19:
            [
                Form(
                    pattern: collectionSince18,
                    sample: "gc 6 @0.286s 11%: 0.020+20+11 ms clock, 0.040+0/3.9/0+23 ms cpu, 136->136->115 MB, "
                        + "115 MB goal, 0 MB stacks, 0 MB globals, 2 P"),
                Form(pattern: scavengerUntil20, sample: "scav 1568 KiB work, 167168 KiB total, 53% util (forced)"),
            ]
        case .go1_23:
            [
                Form(
                    pattern: collectionSince18,
                    sample: "gc 8 @0.608s 0%: 0.16+0.47+0.001 ms clock, 0.33+0/0.059/0+0.003 ms cpu, 73->73->0 MB, "
                        + "146 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)"),
                Form(
                    pattern: scavengerSince21,
                    sample: "scav 0 KiB work (bg), 87240 KiB work (eager), 164552 KiB now, 7% util (forced)"),
            ]
        case .go1_24:
            [
                Form(
                    pattern: collectionSince18,
                    sample: "gc 10 @0.351s 0%: 0.048+4.1+0.004 ms clock, 0.096+0/0.17/2.1+0.008 ms cpu, 76->76->72 MB, "
                        + "153 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)"),
                Form(
                    pattern: scavengerSince21,
                    sample: "scav 12384 KiB work (bg), 0 KiB work (eager), 15864 KiB now, 0% util"),
            ]
        case .go1_27:
            [
                Form(
                    pattern: collectionSince18,
                    sample: "gc 6 @0.118s 5%: 3.1+12+0.23 ms clock, 6.3+0/0.22/0+0.47 ms cpu, 56->62->45 MB, "
                        + "66 MB goal, 0 MB stacks, 0 MB globals, 2 P"),
                Form(
                    pattern: scavengerSince21,
                    sample: "scav 0 KiB work (bg), 57776 KiB work (eager), 108640 KiB now, 17% util (forced)"),
            ]
        }
    }

    private func matches(_ line: String, _ form: Form) -> Bool {
        line.range(of: form.pattern, options: .regularExpression) != nil
    }

    @Test("Every line has the form of its release, and every form comes up", arguments: GoProfile.allCases)
    func forms(profile: GoProfile) throws {
        let forms = Self.forms(profile)
        for form in forms { #expect(matches(form.sample, form), "\(form.sample)") }

        var configuration = HeapConfiguration(profile: profile)
        configuration.timeScale = 10_000
        let heap = try Heap(configuration)
        defer { heap.destroy() }
        let roots = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
        defer { roots.deallocate() }
        roots.initialize(to: nil)
        heap.addRoots(roots, count: 1)
        // Cycles that the heap asks for, and one that a client does.
        for _ in 0..<40 {
            roots[0] = heap.allocateBytes(1 << 20)
            heap.collectIfDue()
            while heap.collectSlice(budgetBytes: 1 << 20) {}
        }
        let unforced = heap.traceLines().filter { $0.hasPrefix("gc ") }
        #expect(!unforced.isEmpty && unforced.allSatisfy { !$0.hasSuffix("(forced)") })
        heap.collect()
        #expect(heap.lastCycleTrace.hasSuffix(" P (forced)"))
        #expect(heap.traceLines().contains(heap.lastCycleTrace))
        // One that comes by the clock: announced, and not called forced.
        runBackground(heap, seconds: 30) { heap.traceLines().contains("GC forced") && !heap.hasCollectionWork }
        heap.freeOSMemory()

        let lines = heap.traceLines()
        #expect(lines.contains("GC forced"))
        for line in lines where line != "GC forced" {
            #expect(forms.contains { matches(line, $0) }, "\(line)")
        }
        for form in forms { #expect(lines.contains { matches($0, form) }, "no line like \(form.sample)") }
    }
}
