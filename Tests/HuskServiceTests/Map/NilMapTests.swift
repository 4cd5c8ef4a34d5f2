import GoHeap
import GoMap
import HuskService
import TestSupport
import Testing

@Suite("A nil map")
struct NilMapTests {
    @Test(
        "Every figure of it is 0, in both layouts, in any number of shards", arguments: MapLayout.allCases,
        [1, 2, 4096])
    func allZero(layout: MapLayout, shards: Int) throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.post(
                "/map/replace-with-fresh", #"{"layout": "\#(layout.rawValue)", "shards": \#(shards), "hint": 1000}"#)
            try server.post("/map/insert")
            try server.post("/map/nil")
            let report = try server.ask("GET", "/map").json()
            #expect(report["shards"] == shards && report.string("layout") == layout.rawValue)
            for name in ["hint", "len", "slots", "loadFactor", "retainedBytes"] {
                #expect(report[name] == 0, "\(name)")
            }
            for (name, figure) in report.object("bytes").members { #expect(figure as? Int == 0, "bytes.\(name)") }
            for (name, figure) in report.object(layout.rawValue).members {
                #expect(figure as? Int == 0 || figure as? Bool == false, "\(name)")
            }
            let metrics = try server.ask("GET", "/metrics").text.split(separator: "\n")
            for line in metrics where line.hasPrefix("husk_map_") {
                let isFigure = !["husk_map_info", "husk_map_shards", "husk_map_nil"].contains(where: line.hasPrefix)
                #expect(!isFigure || line.hasSuffix(" 0"), "\(line)")
            }
            #expect(try server.ask("GET", "/map/layout.svg").text.contains("is nil"))
            // Nothing of it is left on the heap.
            try server.post("/gc")
            #expect(try server.ask("GET", "/memstats?fields=HeapObjects,HeapAlloc").json()["HeapObjects"] == 0)
        }
    }
}
