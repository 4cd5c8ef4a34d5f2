// Husk's map alone, and Swift's Dictionary, as Benchmarks/map-speed/go measures Go's: for each case a line
// "case nanoseconds-per-entry".
//
//     map-speed [--once] bucket|swiss|dictionary int|string COUNT [CASE...]
//
// Times are the process's CPU time. A case runs so often that it makes some two million operations, and its figure is the
// mean: what its garbage makes the collector do is in it. A collection before each case lets all begin alike. With --once it
// runs once and is not timed: Benchmarks/bench-instructions counts its instructions.

import GoHeap
import GoMap

guard arguments.count >= 3, let count = Int(arguments[2]), count > 0 else {
    fatalError("usage: map-speed [--once] bucket|swiss|dictionary int|string COUNT [CASE...]")
}
let isInteger = arguments[1] == "int"
if arguments[0] == "dictionary" {
    if isInteger {
        measureIntegerDictionary(KeySet<IntegerKeys>(count: count))
    } else {
        measureStringDictionary(KeySet<TextKeys>(count: count))
    }
} else if let layout = MapLayout(rawValue: arguments[0]) {
    if isInteger {
        try measureHusk("map[int64]int64", layout, KeySet<IntegerKeys>(count: count))
    } else {
        try measureHusk("map[string]int64", layout, KeySet<TextKeys>(count: count))
    }
} else {
    fatalError("no map called \(arguments[0])")
}
