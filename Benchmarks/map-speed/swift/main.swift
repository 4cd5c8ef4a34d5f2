// Husk's map alone, and Swift's Dictionary, as Benchmarks/map-speed/go measures Go's: for each case a line
// "case nanoseconds-per-entry".
//
//     map-speed bucket|swiss|dictionary int|string COUNT [CASE...]
//
// Times are the process's CPU time. A case runs so often that it makes some two million operations, and its figure is the
// mean: what its garbage makes the collector do is in it. A collection before each case lets all begin alike.

import GoHeap
import GoMap

let arguments = CommandLine.arguments
guard arguments.count >= 4, let count = Int(arguments[3]), count > 0 else {
    fatalError("usage: map-speed bucket|swiss|dictionary int|string COUNT [CASE...]")
}
let isInteger = arguments[2] == "int"
if arguments[1] == "dictionary" {
    if isInteger {
        measureIntegerDictionary(KeySet<IntegerKeys>(count: count))
    } else {
        measureStringDictionary(KeySet<TextKeys>(count: count))
    }
} else if let layout = MapLayout(rawValue: arguments[1]) {
    if isInteger {
        try measureHusk("map[int64]int64", layout, KeySet<IntegerKeys>(count: count))
    } else {
        try measureHusk("map[string]int64", layout, KeySet<TextKeys>(count: count))
    }
} else {
    fatalError("no map called \(arguments[1])")
}
