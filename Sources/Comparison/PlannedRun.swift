// What is to be run: one workload under one remedy, as one Go.

package struct PlannedRun: Equatable, Sendable {
    /// The remedy with its policy, as it is written: `copy,loadBelow=0.25`.
    package var remedy: String
    /// Whether it is `none`.
    package var isBaseline: Bool
    package var go: String
    /// What the executable is called with.
    package var arguments: [String]

    package init(remedy: String, isBaseline: Bool, go: String, arguments: [String]) {
        self.remedy = remedy
        self.isBaseline = isBaseline
        self.go = go
        self.arguments = arguments
    }

    /// Splits a list of remedies: `none,copy,loadBelow=0.25,gc` is `none`, `copy,loadBelow=0.25` and `gc`, for only what belongs
    /// to the remedy before it has an equals sign.
    package static func remedies(in list: String) -> [String] {
        var remedies: [String] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            if part.contains("="), let last = remedies.last {
                remedies[remedies.count - 1] = "\(last),\(part)"
            } else {
                remedies.append(String(part))
            }
        }
        return remedies
    }
}
