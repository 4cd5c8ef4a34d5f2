// Variables that begin as Husk's do and are none: most likely a typing error that would go unnoticed.

import Glibc
import GoMap

/// - Parameter known: every variable of Husk's.
/// - Returns: a sentence for each one in the environment that is not known, with the known one that it resembles.
func unknownVariables(known: Set<String>) -> [String] {
    environmentNames().filter { $0.hasPrefix("HUSK_") && !known.contains($0) }.sorted().map { name in
        let nearest = known.map { (distance: editDistance(name, $0), name: $0) }.min { $0 < $1 }
        let hint = nearest.map { $0.distance <= 4 ? ": did you mean \($0.name)?" : "" } ?? ""
        return "\(echoed(name)) is no variable of husk\(hint)"
    }
}

/// The names that the process was started with.
private func environmentNames() -> [String] {
    guard let file = fopen("/proc/self/environ", "r") else { return [] }
    defer { fclose(file) }
    var names: [String] = []
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    // Each entry ends in a NUL.
    while getdelim(&line, &capacity, 0, file) > 0 {
        names.append(String(String(cString: line!).prefix { $0 != "=" }))
    }
    free(line)
    return names
}

/// How many characters must be changed, added or left out to make one of the other (Levenshtein). O(n·m).
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, character) in left.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let change = diagonal + (character == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(change, diagonal + 1, row[column] + 1)
        }
    }
    return row[right.count]
}
