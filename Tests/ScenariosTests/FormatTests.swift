// A table as text, CSV and Markdown.

import GoHeap
import Scenarios
import Testing

@Suite struct FormatTests {
    @Test("In plain text groups have their title over them and labels come again in each block")
    func text() throws {
        let text = try table("global-nil", ["go": "1.10,1.27", "count": "100", "type": "map[int]bool"]).text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[0] == "A global map, every key deleted, then nil")
        #expect(lines[1] == "With go 1.10,1.27, type map[int]bool, count 100.")
        #expect(lines[2] == "" && lines.last == "")
        #expect(lines[3...5].contains { $0.contains("- NumGC") })
        let header = lines.first { $0.hasPrefix("step") }
        #expect(header?.split(separator: " ").prefix(4) == ["step", "len", "1.10", "1.27"])
        #expect(lines.count { $0.hasPrefix("filled, GC") } >= 1)
        #expect(!text.contains(" \n"))
    }

    @Test("Words that make a group too wide are wrapped in their columns")
    func wrapped() throws {
        let text = try table("partial-update", ["go": "1.10,1.14,1.23,1.27", "live": "3000", "rounds": "1"])
            .text
        #expect(text.contains("gave back (KB)"))
        let lines = text.split(separator: "\n")
        let last = try #require(lines.lastIndex { $0.hasPrefix("replaced by a copy  Alloc") })
        #expect(lines[last].split(separator: "Alloc").count == 5 && lines[last + 1].hasPrefix("    "))
    }

    @Test("CSV has one header and a line a row, with quotes where a field needs them")
    func csv() throws {
        let csv = try table("global-nil", ["go": "1.10,1.27"]).csv
        let lines = csv.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 6 && lines[5].isEmpty)
        #expect(lines[0].hasPrefix("step,len,Alloc (KB) 1.10,Alloc (KB) 1.27,"))
        #expect(
            lines[0].contains(
                ",change of Alloc (KB) Husk 1.27,change of Alloc (KB) Go 1.14.9,change of Alloc (KB) Go 1.10.1,"
            ))
        #expect(lines[1].hasPrefix("start,0,0,0,") && lines[1].hasSuffix(",,,,"))
        #expect(lines[2].hasPrefix("\"filled, GC\",8192,312,288,"))
        #expect(!csv.contains("+") && !csv.contains("\r"))
        let alone = try table("hint", ["count": "10"]).csv
        #expect(alone.hasPrefix("made by,len,filling (ms),TotalAlloc (KB),\"HeapInuse, filled (KB)\","))
    }

    @Test("Quotes and line ends in a CSV field do not end it")
    func quoting() {
        let table = ScenarioTable(
            columns: [.init(name: "a \"b\""), .init(name: "c\nd", unit: "x,y")],
            rows: [[.text("1\r2"), .text("\"")], [.text("plain"), .none]], note: "")
        #expect(table.csv == "\"a \"\"b\"\"\",\"c\nd (x,y)\"\n\"1\r2\",\"\"\"\"\nplain,\n")
    }

    @Test("Markdown tables line up: as many cells in every row, and nothing in a cell that ends it")
    func markdown() throws {
        let markdown = try table("reuse", ["go": "1.10,1.14,1.23,1.27", "type": "map[string]*int"]).markdown
        let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "### A map whose keys are deleted and inserted again")
        #expect(lines[2] == "With go 1.10,1.14,1.23,1.27, type map\\[string]\\*int, count 8192.")
        var widths: [Int] = []
        for line in lines {
            if line.hasPrefix("| step") { widths.append(line.split(separator: "|").count) }
            if line.hasPrefix("|") { #expect(line.split(separator: "|").count == widths.last) }
        }
        #expect(widths.count > 1)
        #expect(lines.contains { $0.contains("| slots, 1.10 |") })
        #expect(lines.contains { $0.hasPrefix("| --- | ---: |") })
    }

    @Test("Bars, stars and brackets of a cell are text in Markdown")
    func markdownEscapes() {
        let table = ScenarioTable(
            columns: [.init(name: "a|b")], rows: [[.text("*x* | [y](z) <b> `c` \\")]], note: "_n_")
        #expect(table.markdown.contains("| a\\|b |"))
        #expect(table.markdown.contains("| \\*x\\* \\| \\[y](z) \\<b> \\`c\\` \\\\ |"))
        #expect(table.markdown.hasSuffix("\\_n\\_\n"))
    }
}
