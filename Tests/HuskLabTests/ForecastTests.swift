import GoHeap
import GoMap
import HuskLab
import Testing

/// The most that HeapAlloc is while a map is copied into a fitting one, or into one of the swiss layout: before the collection,
/// and between slices.
private func peakOfCopy(_ lab: Lab, layout: MapLayout?) throws -> Int {
    var replacement = Replacement()
    replacement.hint = lab.count
    replacement.layout = layout
    replacement.copy = true
    var peak = Int(lab.sample().heapAlloc)
    let measured = try lab.replace(
        with: replacement, progress: { _ in peak = max(peak, Int(lab.sample().heapAlloc)) })
    return max(peak, Int(measured.after.heapAlloc))
}

@Suite("What remedies would change") struct ForecastTests {
    @Test("Each remedy frees what was said within 2%", arguments: LabCase.all)
    func remedies(_ sample: LabCase) throws {
        for kind in [Remedy.Kind.gc, .freeMemory, .clear, .replace, .copy, .swiss] {
            let lab = try sample.make(count: 20_000)
            let account = try lab.account()
            let forecast = try #require(account.forecasts.first { $0.remedy == kind })
            let after = try lab.apply(Remedy(kind)).after
            let freed = account.heapAlloc - Int(after.heapAlloc)
            // A bucket or a table more or less is chance; nothing is compared to less than a few KiB.
            let tolerance = max(4096, abs(freed) / 50)
            #expect(
                abs(freed - forecast.frees) <= tolerance, "\(sample), \(kind): freed \(freed), said \(forecast.frees)")
            #expect(
                abs(Int(after.heapInuse) - forecast.heapInuse) <= max(192 << 10, Int(after.heapInuse) / 8),
                "\(sample), \(kind): in use \(after.heapInuse), said \(forecast.heapInuse)")
        }
    }

    @Test(
        "A copy needs what was said on the way, within 5%, or less by garbage that a collection frees meanwhile",
        arguments: LabCase.all)
    func peaks(_ sample: LabCase) throws {
        for (kind, layout) in [(Remedy.Kind.copy, nil), (.swiss, MapLayout.swiss)] {
            let lab = try sample.make(count: 20_000)
            let account = try lab.account()
            // Nothing is copied when nothing is retained, or when the layout is swiss already.
            let statistics = lab.report().statistics
            if kind == .copy ? statistics.retainedBytes == 0 : statistics.layout == .swiss { continue }
            let said = try #require(account.forecasts.first { $0.remedy == kind }).peakHeapAlloc
            let peak = max(account.heapAlloc, try peakOfCopy(lab, layout: layout))
            let tolerance = max(4096, peak / 20)
            #expect(
                said - account.garbage - tolerance <= peak && peak <= said + tolerance,
                "\(sample), \(kind): peak \(peak), said \(said), garbage \(account.garbage)")
        }
    }

    @Test("What is advised loses nothing, frees what was said, and is worth it", arguments: LabCase.all)
    func advice(_ sample: LabCase) throws {
        let lab = try sample.make(count: 20_000)
        let count = lab.count
        let account = try lab.account()
        let kind = account.advice.remedy
        #expect(account.advice.text.hasSuffix("."))
        switch sample.state {
        case .mostDeleted, .emptied, .cleared, .collected:
            #expect(kind == .copy || kind == .gc, "\(account.advice.text)")
        default: break
        }
        guard let forecast = account.forecasts.first(where: { $0.remedy == kind }) else {
            #expect(kind == .none)
            return
        }
        #expect(!forecast.losesEntries || count == 0)
        let after = try lab.apply(Remedy(kind)).after
        #expect(abs(account.heapAlloc - Int(after.heapAlloc) - forecast.frees) <= max(4096, forecast.frees / 50))
        #expect(lab.count == count)
    }

    @Test(
        "A full map of a million needs as much again for a rebuild, a cleared one next to nothing",
        arguments: [(GoProfile.go1_23, 40_157_280), (.go1_27, 37_832_752)])
    func peakOfARebuild(_ profile: GoProfile, _ bytes: Int) throws {
        var configuration = Lab.Configuration()
        configuration.type = try MapTypeName(parsing: "map[int]int")
        configuration.settings = LabSettings(profile: profile)
        configuration.hint = 1_000_000
        configuration.seed = 42
        let lab = try Lab(configuration)
        _ = try lab.insert(range(1_000_000))
        _ = lab.collect()
        let full = try lab.account()
        #expect(abs(full.heapAlloc - bytes) < bytes / 500)
        #expect(full.advice.remedy == .none, "\(full.advice.text)")
        var replacement = Replacement()
        replacement.copy = true
        let copied = try lab.replace(with: replacement).after
        // Nothing is retained, so the remedy would do nothing; the copy that a client asks for takes both maps.
        #expect(abs(Int(copied.heapAlloc) - 2 * bytes) < bytes / 100)
        _ = lab.collect()
        _ = lab.clear()
        let cleared = try lab.account()
        let forecast = try #require(cleared.forecasts.first { $0.remedy == .copy })
        #expect(cleared.advice.remedy == .copy && forecast.frees > bytes / 100 * 99)
        #expect(forecast.peakHeapAlloc - cleared.heapAlloc < 1_000)
    }

    @Test("Shards that are rebuilt one by one free what was said", arguments: [MapLayout.bucket, .swiss])
    func shards(_ layout: MapLayout) throws {
        let lab = try makeLab("map[int]int", layout: layout, shards: Remedy(.shards).shards)
        _ = try lab.insert(range(200_000))
        _ = try lab.delete(range(180_000))
        let account = try lab.account()
        let forecast = try #require(account.forecasts.first { $0.remedy == .shards })
        let freed = account.heapAlloc - Int(try lab.apply(Remedy(.shards)).after.heapAlloc)
        #expect(abs(freed - forecast.frees) <= max(4096, freed / 50), "freed \(freed), said \(forecast.frees)")
        #expect(lab.count == 20_000)
    }

    @Test("Where there is no room for a copy, that is said, and not advised")
    func noRoom() throws {
        let lab = try makeLab("map[int]int", hint: 1_000_000, maxMemoryBytes: 44 << 20)
        _ = try lab.insert(range(300_000))
        let account = try lab.account()
        #expect(account.advice.remedy != .copy, "\(account.advice.text)")
        #expect(account.advice.text.contains("no room"), "\(account.advice.text)")
    }
}
