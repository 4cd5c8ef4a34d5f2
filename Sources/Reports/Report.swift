// A report: runs of one workload, laid side by side as files for people and for programs.
//
//     let report = Report(title: …, workload: …, runs: …)
//     try ReportFolder(path: "husk-report").write(report.files)
//
// Nothing here knows how the runs came about.

package struct Report: Equatable, Sendable {
    /// What was compared, on one line.
    package var title: String
    /// The workload's settings, in the order in which they are to be read.
    package var settings: [Setting]
    /// The command that makes it again.
    package var command: String
    /// What made it and when.
    package var origin: String
    /// In the order in which they are to be read; the baseline first.
    package var runs: [ReportRun]
    /// Why it is not whole, if it is not.
    package var brokenOff: String?

    package struct Setting: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        title: String, settings: [Setting], command: String, origin: String, runs: [ReportRun], brokenOff: String? = nil
    ) {
        self.title = title
        self.settings = settings
        self.command = command
        self.origin = origin
        self.runs = runs
        self.brokenOff = brokenOff
    }

    /// A file of the report.
    package struct File: Equatable, Sendable {
        package var name: String
        package var text: String
    }

    /// All files of the report: the page, the same in Markdown, the samples, and a picture for each figure.
    package var files: [File] {
        [
            File(name: Self.pageName, text: page), File(name: "report.md", text: markdown),
            File(name: "data.csv", text: csv),
        ] + Figure.allCases.map { File(name: $0.fileName, text: chart($0).svg) }
    }

    static let pageName = "report.html"

    /// What each run is called: its remedy, and the Go if there are several.
    var names: [String] {
        let hasSeveralGos = runs.contains { $0.go != runs[0].go }
        return runs.map { hasSeveralGos ? "\($0.remedy) (Go \($0.go))" : $0.remedy }
    }
}
