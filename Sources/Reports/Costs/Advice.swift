// What follows from the table of costs, in two sentences for each Go: which remedy gives back most for least, and which do
// nothing.

/// One remedy beside doing nothing.
private struct Effect {
    var name: String
    var costs: ReportCosts
    var base: ReportCosts
    /// Of the entries that there are without it, the share that is gone at the end.
    var lostShare: Double

    /// - Parameters:
    ///   - run: that was done.
    ///   - baseline: the same without a remedy.
    init(_ run: ReportRun, beside baseline: ReportRun) {
        name = run.remedy
        costs = run.costs!
        base = baseline.costs!
        let (kept, all) = (run.samples.last?.len ?? 0, baseline.samples.last?.len ?? 0)
        lostShare = all > 0 ? max(0, 1 - Double(kept) / Double(all)) : 0
    }

    /// What is less at the end, as a share of what the baseline has; negative when it is more.
    func saved(_ measure: Measure) -> Double {
        let before = Double(measure.bytes(base))
        return before > 0 ? (before - Double(measure.bytes(costs))) / before : 0
    }

    /// Whether the change is more than chance.
    func isNotable(_ measure: Measure) -> Bool {
        saved(measure) >= Advice.notableShare
            && measure.bytes(base) - measure.bytes(costs) >= measure.notableBytes
    }

    var extraCPU: Double { base.cpuSeconds > 0 ? costs.cpuSeconds / base.cpuSeconds - 1 : 0 }
    var extraMisses: Int { max(0, costs.misses - base.misses) }
    /// Whether it gives up entries: they are missed, or nobody has asked for them.
    var isLossy: Bool { extraMisses > 0 || lostShare >= Advice.notableShare }
    /// How long it takes each time, and the next operation has to wait, in seconds.
    var holdSeconds: Double { costs.remedyRuns > 0 ? costs.remedySeconds / Double(costs.remedyRuns) : 0 }
    /// Whether somebody may notice.
    var holdsUp: Bool { holdSeconds >= Advice.longHoldSeconds }
}

private enum Measure {
    case rss, heapAlloc

    var name: String { self == .rss ? "RSS" : "HeapAlloc" }

    /// RSS moves by some hundred kilobytes on its own.
    var notableBytes: Int { self == .rss ? 1 << 20 : 1 << 14 }

    func bytes(_ costs: ReportCosts) -> Int { self == .rss ? costs.rss : costs.heapAlloc }
}

enum Advice {
    /// Less than this share is chance.
    static let notableShare = 0.05
    /// Remedies whose savings differ by no more than this do equally much.
    fileprivate static let tieShare = 0.03
    /// As long as a request over a network takes.
    fileprivate static let longHoldSeconds = 0.001
}

extension Report {
    /// What the table of costs tells: one or two sentences for each Go, and one that compares the Gos.
    package var advice: [String] {
        var gos: [String] = []
        for run in runs where !gos.contains(run.go) { gos.append(run.go) }
        if gos.count < 2 { return gos.flatMap(advice) }
        return gos.flatMap { go in advice(go).map { "As Go \(go): \($0)" } } + comparison(gos)
    }

    private func advice(_ go: String) -> [String] {
        let finished = runs.filter { $0.go == go && $0.state == .done && $0.costs != nil }
        guard let base = finished.first(where: \.isBaseline) else { return withoutBaseline(finished) }
        let effects = finished.filter { !$0.isBaseline }.map { Effect($0, beside: base) }
        if effects.isEmpty { return ["No remedy ran to its end, so there is nothing to advise."] }
        for measure in [Measure.rss, .heapAlloc] {
            let best = effects.filter { $0.isNotable(measure) }
            if !best.isEmpty { return advice(best, of: effects, measure) }
        }
        return [
            "None of these frees anything: with each, RSS and HeapAlloc at the end are within 5% of what they are without.",
            "Of \(Numbers.bytes(base.costs!.heapAlloc)) HeapAlloc the map retains \(Numbers.bytes(base.costs!.retained))"
                + (base.costs!.retained * 20 < base.costs!.heapAlloc ? ": there is next to nothing to free." : "."),
        ]
    }

    /// - Parameter notable: those of `effects`, at least one, that save something.
    private func advice(_ notable: [Effect], of effects: [Effect], _ measure: Measure) -> [String] {
        let most = notable.map { $0.saved(measure) }.max()!
        let equal = notable.filter { $0.saved(measure) >= most - Advice.tieShare }
        // Misses are work for whatever is behind the cache; then comes what this process itself has to do.
        let best = equal.min {
            ($0.isLossy ? 1 : 0, $0.costs.cpuSeconds) < ($1.isLossy ? 1 : 0, $1.costs.cpuSeconds)
        }!
        var first = "\(best.name): \(sentence(best, measure))"
        if best.holdsUp {
            let smooth = equal.filter { !$0.holdsUp && !$0.isLossy }.min { $0.costs.cpuSeconds < $1.costs.cpuSeconds }
            first += smooth.map { "; \($0.name) frees as much \(cpu($0)), and nobody has to wait so long" } ?? ""
        }
        let idle = effects.filter { !$0.isNotable(measure) && $0.saved(measure) > -Advice.notableShare }
        // What the process keeps may still be the heap's to give.
        let inside = idle.filter { measure == .rss && $0.isNotable(.heapAlloc) }
        let nothing = idle.filter { effect in !inside.contains { $0.name == effect.name } }
        let worse = effects.filter { $0.saved(measure) <= -Advice.notableShare }
        var clauses: [String] = []
        if !nothing.isEmpty { clauses.append("\(list(nothing.map(\.name))): nothing") }
        if let most = inside.map({ $0.saved(.heapAlloc) }).max() {
            clauses.append(
                "\(list(inside.map(\.name))): \(inside.count > 1 ? "up to " : "")\(Numbers.share(most))% less HeapAlloc, "
                    + "but no less RSS")
        }
        if let worst = worse.min(by: { $0.saved(measure) < $1.saved(measure) }) {
            clauses.append(
                "\(list(worse.map(\.name))): \(worse.count > 1 ? "up to " : "")\(Numbers.share(-worst.saved(measure)))% "
                    + "more \(measure.name)")
        }
        if clauses.isEmpty {
            let (with, without) = (best.costs.peakHeapAlloc, best.base.peakHeapAlloc)
            clauses.append(
                "on its way \(best.name) needs at most \(Numbers.bytes(with)) HeapAlloc, where doing nothing needs "
                    + Numbers.bytes(without))
        }
        return [first + ".", capitalised(clauses.joined(separator: "; ")) + "."]
    }

    private func sentence(_ effect: Effect, _ measure: Measure) -> String {
        var text = "\(Numbers.share(effect.saved(measure)))% less \(measure.name) at the end \(cpu(effect))"
        if effect.extraMisses > 0 { text += " and \(Numbers.count(effect.extraMisses)) more misses" }
        if effect.lostShare >= Advice.notableShare {
            text += ", \(Numbers.share(effect.lostShare))% of the entries gone"
        }
        if effect.holdsUp {
            let hold = Numbers.duration(nanoseconds: Int(effect.holdSeconds * 1e9))
            text += ", and each time all wait \(hold)"
        }
        if measure == .heapAlloc { text += ", while RSS stays: the pages that became free are not given back yet" }
        return text
    }

    private func cpu(_ effect: Effect) -> String {
        let share = Numbers.share(abs(effect.extraCPU))
        if share == "0" { return "for no more CPU" }
        return effect.extraCPU > 0 ? "for \(share)% more CPU" : "with \(share)% less CPU"
    }

    private func withoutBaseline(_ finished: [ReportRun]) -> [String] {
        let first = "There is nothing to compare with: no run without a remedy came to its end."
        guard let least = finished.min(by: { $0.costs!.rss < $1.costs!.rss }) else { return [first] }
        return [first, "Least RSS at the end: \(least.remedy), \(Numbers.bytes(least.costs!.rss))."]
    }

    private func comparison(_ gos: [String]) -> [String] {
        let baselines = gos.compactMap { go in
            runs.first { $0.isBaseline && $0.go == go && $0.state == .done && $0.costs != nil }
        }
        guard let first = baselines.first, baselines.count > 1 else { return [] }
        let others = baselines.dropFirst().map { run in
            let change = Numbers.change(Double(run.costs!.rss), from: Double(first.costs!.rss)) ?? "0%"
            return "Go \(run.go) \(Numbers.bytes(run.costs!.rss)) (\(change))"
        }
        return [
            "Without a remedy, RSS at the end is \(Numbers.bytes(first.costs!.rss)) as Go \(first.go), and as "
                + others.joined(separator: ", as ") + "."
        ]
    }

    private func list(_ names: [String]) -> String {
        names.count < 2 ? names.joined() : names.dropLast().joined(separator: "; ") + " and " + names.last!
    }

    private func capitalised(_ text: String) -> String {
        text.hasPrefix("on its way") ? "On" + text.dropFirst(2) : text
    }
}
