// What `husk compare` runs: each remedy as each Go. What can be told beforehand to be wrong is refused before anything runs.

import ArgumentParser
import Comparison
import GoMap
import HuskLab
import Workloads

extension Compare {
    struct Plan {
        var runs: [PlannedRun]
        var extent: Comparison.Extent
        /// Longest time of a run, in seconds.
        var limitSeconds: Double?
    }

    /// - Throws: `ValidationError`, which names the option.
    func plan() throws -> Plan {
        let policies = try self.policies()
        let gos = (lab.go ?? "1.23").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let count = policies.count * gos.count
        if count > Self.runLimit {
            throw ValidationError("\(count) runs are too many: expected \(Self.runLimit) at most")
        }
        let options = try completed(options, runCount: count)
        if path == "-" {
            throw ValidationError("--path: each run reads the stream anew, and standard input comes once")
        }
        let workload = try options.workload(kind, path: path)
        var runs: [PlannedRun] = []
        for go in gos {
            var lab = lab
            lab.go = go
            let configuration = try lab.configuration(seed: workload.seed)
            if workload.kind == .replay, configuration.type.key != .string {
                throw ValidationError(
                    "--type: a replay's keys are strings, and those of a \(configuration.type) are not")
            }
            for (text, policy) in policies {
                let command = workload.kind == .replay ? ["replay"] : ["workload", kind]
                let arguments =
                    command + ["--json", "--remedy", text] + options.arguments + lab.arguments
                    + (path.map { ["--", $0] } ?? [])
                runs.append(
                    PlannedRun(remedy: text, isBaseline: policy.does.kind == .none, go: go, arguments: arguments))
            }
        }
        if Set(runs.map { "\($0.go) \($0.remedy)" }).count < count {
            throw ValidationError("the same remedy or the same Go is given twice")
        }
        return Plan(
            runs: runs,
            extent: .init(rounds: workload.rounds, seconds: workload.durationNanoseconds.map { Double($0) / 1e9 }),
            limitSeconds: quick ? Self.quickSeconds / Double(count) : nil)
    }

    /// The workload's options with the comparison's own defaults.
    private func completed(_ options: WorkloadOptions, runCount: Int) throws -> WorkloadOptions {
        var options = options
        if options.rounds == nil, options.duration == nil, kind == "partial-update" || kind == "churn" {
            options.rounds = quick ? "100" : "200"
        }
        // A stream has reads of its own, and its own course.
        if kind != "replay" {
            if options.interval == nil, options.rate == nil { options.interval = "20ms" }
            if options.readsPerWrite == nil, kind != "leak" { options.readsPerWrite = "1" }
        }
        if quick, options.duration == nil {
            // A duration in place of the rounds that there are by default would make each run as long as it may be.
            if let rounds = try options.workload(kind, path: path).rounds { options.rounds = "\(rounds)" }
            options.duration = "\(Int(Self.quickSeconds * 0.7 / Double(runCount) * 1000))ms"
        }
        return options
    }

    private func policies() throws -> [(text: String, policy: RemedyPolicy)] {
        try PlannedRun.remedies(in: remedies ?? Self.standardRemedies).map { text in
            do throws(SettingError) {
                return (text, try RemedyPolicy(parsing: text))
            } catch {
                throw ValidationError("--remedies: '\(echoed(text))': \(error.expected)")
            }
        }
    }

    private static let runLimit = 100
    /// All runs of a quick comparison together.
    private static let quickSeconds = 50.0
}
