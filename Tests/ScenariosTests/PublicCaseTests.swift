// Public reports run again: Husk's figures beside real Go's and the reports' own, within each figure's tolerance.
//
// Together they take about a minute, built for release. The report that fills a million strings thirteen times is run as one
// Go; `husk scenario public-case --case go-gotchas --go 1.19,1.23,1.24,1.27` runs it as all.

import GoHeap
import Scenarios
import Testing

@Suite struct PublicCaseTests {
    private static let releases: [(go: GoProfile, measured: String)] = [
        (.go1_19, "1.19.8"), (.go1_23, "1.23.9"), (.go1_24, "1.24.11"), (.go1_27, "1.27.3"),
    ]

    private func run(_ name: String, as releases: [GoProfile]) throws -> ScenarioTable {
        try table("public-case", ["case": name, "go": releases.map(\.rawValue).joined(separator: ",")])
    }

    /// Figures that depend on neither chance nor time are as near real Go's as their tolerance says.
    private func expectAgreement(_ name: String, as profiles: [GoProfile]) throws -> ScenarioTable {
        let report = try #require(PublicCase.all.first { $0.name == name })
        let table = try run(name, as: profiles)
        for figure in report.figures {
            guard case .share(let share, let rows) = figure.tolerance else { continue }
            for (profile, measured) in Self.releases where profiles.contains(profile) {
                let go = profiles.count > 1 ? profile : nil
                let own = table.numbers(figure.name, go: go).compactMap { $0 }
                let real = table.numbers(figure.name, published: measured).compactMap { $0 }
                try #require(own.count == real.count && !own.isEmpty)
                let greatest = Double(real.max() ?? 0)
                for row in rows ?? real.indices {
                    #expect(
                        Double(abs(own[row] - real[row])) <= share * greatest,
                        "\(name), \(figure.name) as \(profile.rawValue), row \(row): \(own[row]), real Go \(real[row])")
                }
            }
        }
        return table
    }

    private var all: [GoProfile] { Self.releases.map(\.go) }

    @Test(
        "HeapAlloc is real Go's, release by release",
        arguments: ["lcw-45", "juicefs-4491", "inline-values", "utreexod-195", "gogc-300"])
    func agreement(name: String) throws { _ = try expectAgreement(name, as: all) }

    @Test("A cache that is purged keeps what its report published, within 0.5%")
    func purge() throws {
        let alloc = try run("lcw-45", as: [.go1_23]).numbers("HeapAlloc").compactMap { $0 }
        // 56,785 KB, of which the programme had 196 before.
        #expect(abs(alloc[1] / 1_024 - 56_589) < 283 && alloc[2] < 1_024)
    }

    @Test("Rounds of delete and refill grow by as much as the report's, and not at all where the loop is a clear")
    func refill() throws {
        let table = try expectAgreement("go-gotchas", as: [.go1_23])
        let deleted = table.numbers("deleted by for k, _ := range m").compactMap { $0 }
        let cleared = table.numbers("by for k := range m").compactMap { $0 }
        // Published: 379.38 to 386.67 MB from the third round to the tenth.
        let grown = Double(deleted[10] - deleted[3]) / Double(1 << 20)
        #expect(abs(grown - 7.29) < 0.3, "\(grown)")
        #expect(cleared.max()! - cleared.min()! < 4_096)
    }

    @Test("By tombstones a map of constant size grows more in Go 1.24 than in 1.27, which grows once at most")
    func tombstones() throws {
        let table = try run("go-70886", as: [.go1_24, .go1_27])
        let first = table.numbers("slots at the end", go: .go1_24).compactMap { $0 }
        let later = table.numbers("slots at the end", go: .go1_27).compactMap { $0 }
        let made = [128, 128, 128, 256]
        for row in made.indices {
            #expect(later[row] <= 2 * made[row] && first[row] >= later[row])
        }
        #expect(first[2] > 2 * made[2] || first[3] > 2 * made[3])
        for (figure, published) in [("grown by", "1.24.11"), ("grown by", "1.27.3")] {
            #expect(table.numbers(figure, published: published).compactMap { $0 }.count == 4)
        }
        // Pruned, the two smallest do not grow in real Go 1.27 either.
        #expect(table.numbers("grown by", go: .go1_27)[1] == 0)
    }

    @Test("A cache of pods that come and go grows by a third and stops; Go 1.24 doubles it once")
    func churn() throws {
        let table = try expectAgreement("otel-47337", as: all)
        let last = Dictionary(
            uniqueKeysWithValues: all.map { ($0, table.numbers("HeapAlloc", go: $0).compactMap { $0 }.last ?? 0) })
        #expect(last[.go1_24]! > 9_900_000 && last[.go1_24]! < 10_200_000)
        #expect(last[.go1_27]! < 6_800_000 && last[.go1_19]! < 6_800_000 && last[.go1_23]! < 6_800_000)
    }

    @Test(
        "Of 95% freed, most pages stay until the values themselves are moved", arguments: [GoProfile.go1_23, .go1_27])
    func fragmentation(profile: GoProfile) throws {
        let table = try expectAgreement("go-78962", as: [profile])
        let released = table.numbers("HeapReleased").compactMap { $0 }
        let real = table.numbers("HeapReleased", published: profile == .go1_23 ? "1.23.9" : "1.27.3")
            .compactMap { $0 }
        for figures in [released, real] {
            #expect(figures[2] < figures[0] + figures[3] && figures[2] < figures[3] && figures[3] < figures[4] / 2)
        }
    }

    @Test("Under a memory limit nothing is collected until it is near, and then it is exceeded all the same")
    func deathSpiral() throws {
        let table = try expectAgreement("go-58106", as: [.go1_23, .go1_27])
        for (profile, measured) in Self.releases where [.go1_23, .go1_27].contains(profile) {
            let own = table.numbers("cycles", go: profile).compactMap { $0 }
            let real = table.numbers("cycles", published: measured).compactMap { $0 }
            for cycles in [own, real] {
                #expect(cycles[..<10].allSatisfy { $0 == 0 } && cycles[10...].reduce(0, +) >= 2, "\(cycles)")
            }
            #expect(table.numbers("HeapAlloc", go: profile).last!! > 128 << 20)
        }
    }

    @Test("GOGC=300 has a third of the cycles that GOGC=100 has, as the report's")
    func gogc() throws {
        let cycles = try run("gogc-300", as: [.go1_23]).numbers("cycles").compactMap { $0 }
        let ratio = Double(cycles[0]) / Double(cycles[1])
        #expect(abs(ratio - 1_044.0 / 334.0) < 0.32, "\(cycles)")
    }

    @Test("A rebuild of a full map takes more on the way than the report's 60%")
    func peak() throws {
        let alloc = try run("utreexod-195", as: [.go1_23]).numbers("HeapAlloc").compactMap { $0 }
        #expect(alloc[3] > alloc[0] * 16 / 10 && alloc[3] < alloc[0] * 21 / 10 && alloc[4] == alloc[0])
    }

    @Test("Beside another count or layout real Go's figures would say nothing, so they are left out")
    func otherCounts() throws {
        for texts: KeyValuePairs in [
            ["case": "juicefs-4491", "count": "1000"], ["case": "gogc-300", "layout": "swiss"],
        ] {
            let table = try table("public-case", texts)
            #expect(table.columns.allSatisfy { $0.published == nil && $0.name != "published" })
        }
        let own = try table("public-case", ["case": "gogc-300", "go": "1.10"])
        #expect(own.columns.allSatisfy { $0.published == nil } && own.columns.contains { $0.name == "published" })
    }

    @Test("Every case names where it comes from and what each figure is held to")
    func declared() {
        #expect(Set(PublicCase.all.map(\.name)).count == PublicCase.all.count)
        for report in PublicCase.all {
            #expect(report.source.hasPrefix("https://") && !report.title.isEmpty && !report.figures.isEmpty)
            #expect(report.measured.count == 4)
        }
    }
}
