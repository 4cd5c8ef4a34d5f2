// `husk compare`: one workload under several remedies, each in a process of its own, and a report of what each frees and costs.

import ArgumentParser
import Comparison
import Glibc
import HuskService
import Reports

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Run one workload under several remedies, and report what each frees and what it costs.",
        discussion: """
            Each run is a process of its own, one after the other, with the same operations (--seed). Unless told otherwise it
            has 200 rounds of at least 20 ms (--interval), so that the runs keep step and the scavenger has time, and a read
            for each write (--reads-per-write), so that a remedy which gives up entries is seen to miss them. What comes of it
            is a table, two sentences of advice, and a folder with report.html (one file, no network), report.md, data.csv and
            pictures of RSS, HeapAlloc, what the map retains and len over time.

              husk compare
              husk compare --quick --output /tmp/report
              husk compare --remedies none,copy,loadBelow=0.25,free-memory,every=1s
              husk compare --go 1.23,1.27 --remedies none,copy,everyRounds=10
              husk compare --workload ttl --wave 0.8 --type 'map[string]*[64]byte' --json > report.json
              husk compare --workload replay --path monitor.log.gz --remedies none,copy,loadBelow=0.25

            A REMEDY is a kind with its policy: KIND[,name=value ...]. Without conditions it is applied after every round; of
            several conditions all must hold.
              kinds       none, gc, free-memory, clear, replace, copy, incremental-copy, shards, two-generations, swiss
              conditions  loadBelow (len/slots), retainedBytes, idleBytes, deletesSinceRebuild, gcCPUAbove, everyRounds, every
              settings    shards (of shards), entriesPerOperation (of incremental-copy)
            A remedy that the map's type or layout does not allow says so in its row, and the others go on. The figures of
            the others are compared with those of none.

            SIGINT ends it: the report keeps what there is, says so, and the exit status is 130. It is 1 if a run failed or
            the report could not be written. A report that is there is replaced.
            """)

    @Option(name: .customLong("workload"), help: "partial-update, churn, ttl, leak or replay.")
    var kind = "partial-update"

    @Option(help: "Of replay: the file of the stream, which each run reads anew.")
    var path: String?

    @Option(help: "What is compared, with commas in between. (default: \(Self.standardRemedies))")
    var remedies: String?

    @Option(help: "The folder of the report.")
    var output = "husk-report"

    @Flag(help: "Write into the folder though it has other files and no report; they stay.")
    var force = false

    @Flag(help: "100 rounds in place of 200, and whatever is asked for, all runs together end within a minute.")
    var quick = false

    @Flag(help: "Print the whole as JSON instead of the table: all samples, marks and reports.")
    var json = false

    @OptionGroup(title: "Workload options")
    var options: WorkloadOptions

    @OptionGroup(title: "Map and runtime options (--go: one or several, with commas in between)")
    var lab: LabOptions

    /// A rebuild each 25 rounds pays; one each round would be thrown away by the next.
    static let standardRemedies =
        "none,gc,everyRounds=25,free-memory,everyRounds=25,copy,everyRounds=25,incremental-copy,everyRounds=25,"
        + "shards,everyRounds=25,two-generations,everyRounds=25,swiss,everyRounds=25"

    func run() throws {
        let plan = try plan()
        let folder = ReportFolder(path: output)
        do throws(ReportFolderError) {
            try folder.prepare(evenIfForeign: force)
        } catch {
            throw Failure(description: "compare: \(error)")
        }
        let comparison = Comparison(executable: "/proc/self/exe", extent: plan.extent, limitSeconds: plan.limitSeconds)
        // Before any thread starts, so that all of them leave these signals to one.
        let interruption = Interruption(Signals(), onFirst: comparison.cancel)
        let progress = CompareProgress()
        var readers = plan.runs.map { RunReader($0) }
        var failure: ReportFolderError?
        do throws(ReportFolderError) {
            _ = try comparison.run(plan.runs, onProgress: progress.show) { (latest) throws(ReportFolderError) in
                readers = latest
                try folder.write(self.report(latest, brokenOff: "only a part of the runs is over").files)
            }
        } catch {
            failure = error
        }
        progress.clear()
        let brokenOff = failure?.description ?? (interruption.hasCome ? "it was interrupted" : nil)
        let report = self.report(readers, brokenOff: brokenOff)
        if failure == nil {
            do throws(ReportFolderError) { try folder.write(report.files) } catch { failure = error }
        }
        let place = failure == nil ? "\nThe report is \(output)/report.html\n" : ""
        try Output.write(json ? report.json(readers) : report.text + place)
        if let failure { throw Failure(description: "compare: \(failure)") }
        if interruption.hasCome { Glibc.exit(128 + SIGINT) }
        try requireSuccess(readers.map(\.run))
    }

    private func report(_ readers: [RunReader], brokenOff: String?) -> Report {
        let settings = readers.first { !$0.settings.isEmpty }?.settings ?? []
        let remedies = Set(readers.map(\.run.remedy)).count
        var gos: [String] = []
        for reader in readers where !gos.contains(reader.run.go) { gos.append(reader.run.go) }
        let type = settings.first { $0.name == "type" }.map { " over a \($0.value)" } ?? ""
        return Report(
            title: "\(kind)\(type), Go \(gos.joined(separator: ", ")): "
                + (remedies == 1 ? "one remedy" : "\(remedies) remedies compared"),
            settings: settings, command: Self.command, origin: "husk \(Version.husk), \(Self.date)",
            runs: readers.map(\.run), brokenOff: brokenOff)
    }

    /// A run that failed, or none that was done, is no success; one that was refused beside others is.
    private func requireSuccess(_ runs: [ReportRun]) throws(Failure) {
        let failed = runs.count { $0.state == .failed }
        if failed > 0 { throw Failure(description: "compare: \(failed) of \(runs.count) runs failed") }
        if !runs.contains(where: { $0.costs != nil }) {
            throw Failure(description: "compare: no run was done: \(runs[0].detail ?? "")")
        }
    }

    /// The command line, quoted for a shell.
    private static var command: String {
        (["husk"] + CommandLine.arguments.dropFirst()).map { word in
            let isPlain =
                !word.isEmpty
                && word.utf8.allSatisfy { byte in
                    let scalar = Unicode.Scalar(byte)
                    return scalar.properties.isAlphabetic && byte < 0x80
                        || "0123456789-_=,./:%+@".unicodeScalars.contains(scalar)
                }
            return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }

    /// The day and the minute, in UTC.
    private static var date: String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)) UTC"
    }
}
