import Reports
import Testing

@Suite("A report's files")
struct ReportFileTests {
    /// Text that means something to each of the formats.
    static let hostile = "<b>&amp;\"'|`*_[x](y),\\ \n]]>--><script>\u{1}é€"

    private var hostileReport: Report {
        var bad = unfinished(Self.hostile, .failed, Self.hostile)
        bad.samples = run("x", rss: 1, points: [(0, 10), (1, 20)]).samples
        var report = report(
            [
                run("none", rss: 100, points: [(0, 10), (1, 12)]),
                run(Self.hostile, rss: 50, points: [(0, 10), (1, 30)]), bad,
            ],
            title: Self.hostile, brokenOff: Self.hostile)
        report.settings.append(.init(name: Self.hostile, value: Self.hostile))
        report.command = Self.hostile
        report.origin = Self.hostile
        return report
    }

    @Test("Page and pictures are well-formed XML, whatever the names are")
    func wellFormed() {
        for report in [hostileReport, report([run("none", rss: 1, points: [(0, 1)])]), report([])] {
            for file in report.files where file.name.hasSuffix(".html") || file.name.hasSuffix(".svg") {
                #expect(fault(inXML: file.text) == nil, "\(file.name)")
                #expect(!file.text.contains("<b>"), "\(file.name)")
            }
        }
    }

    @Test("The page needs nothing from anywhere")
    func selfContained() {
        let page = report([run("none", rss: 100, points: [(0, 10), (1, 12)])]).file("report.html")
        let addresses = page.split(separator: "http").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(addresses.allSatisfy { $0 == "://www.w3.org/2000/svg" }, "\(addresses)")
        for word in ["src=", "href=", "url(", "@import", "fetch("] { #expect(!page.contains(word)) }
    }

    @Test("A field of CSV is one field, whatever it holds")
    func csv() {
        let lines = hostileReport.file("data.csv")
        #expect(lines.hasPrefix("remedy,go,state,seconds,round,operations,HeapAlloc,"))
        #expect(lines.contains("\n\"" + Self.hostile.replacing("\"", with: "\"\"") + "\",1.23,done,0.0,0,"))
        let plain = report([run("copy,loadBelow=0.25", rss: 9, points: [(0.5, 10)])]).file("data.csv")
        #expect(plain.contains("\n\"copy,loadBelow=0.25\",1.23,done,0.5,0,0,5242880,"))
    }

    @Test("A table of Markdown keeps its columns, and markup in names stays text")
    func markdown() {
        let markdown = hostileReport.file("report.md")
        let rows = markdown.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains("50.0") }
        #expect(!rows.isEmpty)
        for row in rows {
            let bars = zip(row, row.dropFirst()).count { $0 != "\\" && $1 == "|" }
            #expect(bars == 7, "\(row)")
        }
        // Indented lines are code, in which nothing is markup.
        for line in markdown.split(separator: "\n") where !line.hasPrefix("    ") {
            #expect(!line.contains("<script>") && !line.contains("[x](y)"), "\(line)")
        }
    }

    @Test("The tables for a terminal fit 80 columns, the longest names included")
    func eightyColumns() {
        let runs = [
            "none", "shards,shards=4096,everyRounds=1000000,retainedBytes=1073741824", "two-generations,every=1h",
        ]
        .map {
            run($0, rss: 123_456.7, heapAlloc: 98_765, cpuSeconds: 12_345, misses: 123_456_789, remedySeconds: 12_345)
        }
        for line in report(runs + [unfinished("swiss", .refused, "the layout is swiss already")]).text.split(
            separator: "\n")
        {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test("A run that did not come to its end keeps its row and its samples, and says why it ended")
    func brokenOff() {
        var stopped = unfinished("copy", .stopped, "the comparison was broken off")
        stopped.samples = run("x", rss: 1, points: [(0, 10), (1, 20)]).samples
        let report = report(
            [run("none", rss: 100, points: [(0, 10)]), stopped, unfinished("gc", .missing)], brokenOff: "SIGINT")
        for text in [report.text, report.file("report.md"), report.file("report.html")] {
            #expect(text.contains("copy was stopped in round 1: the comparison was broken off."), "\(text)")
            #expect(text.contains("gc did not run.") && text.contains("SIGINT"))
        }
        #expect(report.file("data.csv").contains("copy,1.23,stopped,1.0,1,"))
        #expect(report.file("rss.svg").contains("data-name=\"copy\""))
    }

    @Test("Several Gos are told apart in every name")
    func gos() {
        let page = report([run("none", rss: 1, points: [(0, 1)]), run("none", go: "1.27", rss: 1, points: [(0, 1)])])
            .file("report.html")
        #expect(page.contains("none (Go 1.23)") && page.contains("none (Go 1.27)"))
    }
}
