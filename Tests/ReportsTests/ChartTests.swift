import Foundation
import Reports
import Testing

@Suite("Charts")
struct ChartTests {
    /// The points of a picture's lines.
    private func lines(_ svg: String) throws -> [[(x: Double, y: Double)]] {
        svg.matches(of: try Regex(#"<polyline class="[^"]*" points="([^"]*)""#)).map { match in
            String(match.output[1].substring!).split(separator: " ").map { point in
                let parts = point.split(separator: ",").map { Double($0)! }
                return (parts[0], parts[1])
            }
        }
    }

    @Test("The axes end at round numbers, beyond the largest value")
    func axes() {
        for (rss, ticks) in [
            (3.0, ["0", "1", "2", "3"]), (12, ["0", "5", "10", "15"]), (98, ["0", "20", "40", "60", "80", "100"]),
            (1100, ["0", "500", "1,000", "1,500"]), (0.2, ["0", "50", "100", "150", "200", "250"]),
        ] {
            let svg = report([run("none", rss: 1, points: [(0, rss), (1, rss / 2)])]).chart(.rss).svg
            for tick in ticks { #expect(svg.contains("text-anchor=\"end\">\(tick)</text>"), "\(rss) \(tick)") }
        }
    }

    @Test("A peak of one sample among thousands is drawn as high as it was")
    func peaks() throws {
        var points = (0..<5000).map { (seconds: Double($0) / 100, rss: 50.0) }
        points[2345].rss = 100
        let line = try #require(try lines(report([run("none", rss: 1, points: points)]).chart(.rss).svg).first)
        #expect(line.count < 2000)
        let top = line.map(\.y).min()!, floor = line[0].y
        // Half of the plot, which is 320 high, is between 50 and 100 MiB.
        #expect(abs(floor - top - 160) < 0.5)
        #expect(zip(line, line.dropFirst()).allSatisfy { $0.x <= $1.x })
    }

    @Test("Lines are told apart by colour and by dashes, and a remedy keeps its colour from Go to Go")
    func styles() throws {
        let remedies = ["none", "gc", "clear", "replace", "copy", "swiss", "a", "b", "c", "d", "e", "f", "g"]
        let runs = remedies.map { run($0, rss: 1, points: [(0, 1)]) }
        let svg = report(runs).chart(.len).svg
        let styles = svg.matches(of: try Regex(#"<polyline class="line (c\d+ d\d+)""#)).map { $0.output[1].substring! }
        #expect(styles.count == remedies.count && Set(styles).count == remedies.count)
        let gos = report([run("copy", rss: 1, points: [(0, 1)]), run("copy", go: "1.27", rss: 1, points: [(0, 1)])])
        let both = gos.chart(.rss).svg
        #expect(both.contains("line c0 d0\"") && both.contains("line c0 d1\""))
    }

    @Test("A chart without samples is an empty one")
    func empty() {
        #expect(fault(inXML: report([unfinished("none", .failed)]).chart(.rss).svg) == nil)
    }

    @Test("A dot on the line shows when the remedy ran")
    func dots() {
        var copy = run("copy", rss: 1, points: [(0, 10), (2, 30)])
        copy.marks = [ReportMark(seconds: 1, name: "copy")]
        let svg = report([copy]).chart(.rss).svg
        #expect(svg.split(separator: "<circle").count == 2)
    }
}
