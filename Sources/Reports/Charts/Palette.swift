// How lines are told apart: by colour for who sees colours, by dashes for who does not, and on paper.
//
// The colours have a contrast of at least 3 to 1 with their background (WCAG 2.2, 1.4.11), in the light and in the dark.

struct LineStyle: Equatable {
    var colour: Int
    var dash: Int
}

enum Palette {
    /// The first is the baseline's, and grey.
    static let light = [
        "#4d4d4d", "#0064b0", "#c24400", "#00795a", "#a8457f", "#806300", "#0e7f9e", "#5b3fb8", "#b0182c", "#4a6b00",
    ]
    static let dark = [
        "#c4c4c4", "#5ab4ff", "#ff8a4c", "#3dd6a3", "#f193c9", "#e3c044", "#58d3ee", "#b49cff", "#ff7f8e", "#b2d94a",
    ]
    /// `stroke-dasharray`; the first is a line without gaps.
    static let dashes = ["", "7 3", "2 3", "10 3 2 3", "5 2 1 2 1 2"]

    /// The style of one line of several that have nothing in common.
    static func style(_ index: Int) -> LineStyle {
        LineStyle(
            colour: (index + 1) % light.count, dash: (index + 1) / light.count % dashes.count)
    }

    /// A style for each run: a remedy keeps its colour from Go to Go.
    static func styles(_ runs: [ReportRun]) -> [LineStyle] {
        var remedies: [String] = []
        var gos: [String] = []
        return runs.map { run in
            if !remedies.contains(run.remedy) { remedies.append(run.remedy) }
            if !gos.contains(run.go) { gos.append(run.go) }
            let remedy = remedies.firstIndex(of: run.remedy)!
            let go = gos.firstIndex(of: run.go)!
            return LineStyle(
                colour: remedy % light.count, dash: (remedy + remedy / light.count + go) % dashes.count)
        }
    }

    /// The colours as variables of CSS, `--line0` and on.
    static func variables(_ colours: [String]) -> String {
        colours.enumerated().map { "--line\($0.offset):\($0.element);" }.joined()
    }

    /// The classes that lines have, `c0` and `d0` and on.
    static let classes =
        light.indices.map { ".c\($0){stroke:var(--line\($0));fill:var(--line\($0))}\n" }.joined()
        + dashes.enumerated().filter { !$0.element.isEmpty }
        .map { ".d\($0.offset){stroke-dasharray:\($0.element)}\n" }.joined()
}
