import Foundation
import FoundationXML
import HuskService
import Synchronization
import TestSupport
import Testing

/// What a picture consists of.
private final class Picture: NSObject, XMLParserDelegate {
    /// How often each mark is used, the legend's apart.
    var marks: [String: Int] = [:]
    /// The squares of a large map.
    var squares = 0
    /// The hover texts of squares and rows.
    var titles: [String] = []
    /// What is written in it, line by line.
    var lines: [String] = []
    var attributes: [String: String] = [:]
    /// The first title and description.
    var title = ""
    var details = ""
    var isWellFormed = false
    private var text = ""
    private var openElements: [(name: String, id: String?)] = []

    init(_ svg: [UInt8]) {
        super.init()
        let parser = XMLParser(data: Data(svg))
        parser.delegate = self
        isWellFormed = parser.parse()
    }

    private var isInMap: Bool { openElements.contains { $0.id == "map" } }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        if openElements.isEmpty { self.attributes = attributes }
        openElements.append((name, attributes["id"]))
        text = ""
        guard isInMap else { return }
        if name == "use" { marks[attributes["href"] ?? "", default: 0] += 1 }
        if name == "path", attributes["class"]?.hasPrefix("o") == true { squares += 1 }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        switch (name, openElements.count) {
        case ("title", 2): title = text
        case ("desc", 2): details = text
        case ("title", _) where isInMap: titles.append(text)
        case ("text", _): lines.append(text)
        default: break
        }
        openElements.removeLast()
        text = ""
    }

    /// The sum of a figure over all hover texts: the number before `word`.
    func sum(before word: String) -> Int {
        titles.reduce(0) { sum, title in
            guard let end = title.range(of: " " + word) else { return sum }
            let number = title[..<end.lowerBound].split(separator: " ").last ?? ""
            return sum + (Int(number.replacing(",", with: "")) ?? 0)
        }
    }
}

@Suite("The picture of the map")
struct PictureTests {
    private static let byteLimit = 400_000

    /// Asks for the picture, and checks what holds of all of them.
    private func picture(_ server: HuskServer, sourceLocation: SourceLocation = #_sourceLocation) throws
        -> Picture
    {
        let answer = try server.ask("GET", "/map/layout.svg")
        #expect(answer.status == 200, sourceLocation: sourceLocation)
        #expect(answer.header("Content-Type") == "image/svg+xml", sourceLocation: sourceLocation)
        #expect(answer.header("Cache-Control") == "no-store", sourceLocation: sourceLocation)
        #expect(answer.body.count < Self.byteLimit, sourceLocation: sourceLocation)
        let picture = Picture(answer.body)
        #expect(picture.isWellFormed, sourceLocation: sourceLocation)
        #expect(picture.attributes["role"] == "img", sourceLocation: sourceLocation)
        #expect(!picture.title.isEmpty && !picture.details.isEmpty, sourceLocation: sourceLocation)
        #expect(!answer.text.contains("<script"), sourceLocation: sourceLocation)
        // One address, and that is the namespace's name.
        #expect(answer.text.components(separatedBy: "://").count == 2, sourceLocation: sourceLocation)
        return picture
    }

    @Test("A small map's slots are drawn one by one, as many of each kind as the map has")
    func smallBuckets() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            for count in [1, 8, 20, 105, 209, 418] {
                try server.post("/map/replace-with-fresh", #"{"layout": "bucket"}"#)
                try server.post("/map/insert", #"{"count": \#(count)}"#)
                let full = try picture(server)
                let map = try server.ask("GET", "/map").json()
                let bucket = map.object("bucket")
                #expect(full.marks["#full"] == count)
                #expect(full.marks["#deleted"] == nil)
                let current = bucket["buckets"]! + bucket["overflowBuckets"]!
                #expect(current * 8 == map["slots"])
                let isGrowing = bucket.members["growing"] as? Bool == true
                #expect(isGrowing == (full.marks["#evacuated"] != nil))
                if !isGrowing { #expect(full.marks.values.reduce(0, +) == map["slots"]) }
                #expect(
                    full.titles.count { $0.hasSuffix("evacuated") } == (isGrowing ? bucket["evacuated"] : 0))

                try server.post("/map/delete", #"{"count": \#(count / 2)}"#)
                let half = try picture(server)
                #expect(half.marks["#full"] == count - count / 2)
                #expect(count < 50 || half.marks["#deleted"] != nil)
            }
        }
    }

    @Test("Groups and tombstones of the swiss layout are drawn one by one")
    func smallSwiss() throws {
        try withHusk(type: "map[string][]byte") { (server) throws in
            try server.post("/map/replace-with-fresh", #"{"layout": "swiss"}"#)
            try server.post("/map/insert", #"{"count": 3}"#)
            #expect(try picture(server).marks == ["#full": 3, "#empty": 5])
            try server.post("/map/insert", #"{"count": 800}"#)
            try server.post("/map/delete", #"{"count": 700}"#)
            let drawn = try picture(server)
            let map = try server.ask("GET", "/map").json()
            #expect(drawn.marks["#full"] == 100)
            #expect(drawn.marks["#deleted"] ?? 0 == map.object("swiss")["tombstones"])
            #expect(drawn.marks.values.reduce(0, +) == map["slots"])
            #expect(drawn.titles.count == map.object("swiss")["groups"])
        }
    }

    @Test(
        "A large map is drawn in few squares that leave nothing out, whatever its layout and shards",
        arguments: ["bucket", "swiss"], [1, 64, 4096])
    func large(layout: String, shards: Int) throws {
        try withHusk(type: "map[int]int") { (server) throws in
            try server.post("/map/replace-with-fresh", #"{"layout": "\#(layout)", "shards": \#(shards)}"#)
            for count in [30_000, 130_000, 214_000] {
                try server.post("/map/insert", #"{"count": \#(count)}"#)
                try server.post("/map/delete", #"{"count": 20000}"#)
                let drawn = try picture(server)
                let map = try server.ask("GET", "/map").json()
                #expect(drawn.marks.isEmpty)
                #expect((200...2048).contains(drawn.squares) && drawn.titles.count == drawn.squares)
                #expect(drawn.sum(before: "of") == map["len"])
                if layout == "bucket" {
                    let bucket = map.object("bucket")
                    #expect(drawn.sum(before: "evacuated") == bucket["evacuated"])
                    if bucket.members["growing"] as? Bool == false {
                        #expect(drawn.sum(before: "overflow") == bucket["overflowBuckets"])
                    }
                } else {
                    #expect(drawn.sum(before: "tombstones") == map.object("swiss")["tombstones"])
                }
            }
        }
    }

    @Test("A nil map and one without buckets are pictures that say so")
    func nothing() throws {
        try withHusk { (server) throws in
            for layout in ["bucket", "swiss"] {
                for shards in [1, 128] {
                    try server.post(
                        "/map/replace-with-fresh", #"{"layout": "\#(layout)", "shards": \#(shards)}"#)
                    let empty = try picture(server)
                    #expect(empty.lines.contains { $0.hasPrefix("The map is empty") } && empty.marks.isEmpty)
                    try server.post("/map/nil")
                    let none = try picture(server)
                    #expect(none.lines.contains { $0.hasPrefix("The map is nil") } && none.marks.isEmpty)
                }
            }
        }
    }

    @Test("The longest type name fits, and the figures are those of GET /map")
    func heading() throws {
        let type = "map[[65536]byte]*[65536]byte"
        try withHusk(type: type) { (server) throws in
            try server.post("/map/insert", #"{"count": 12}"#)
            let drawn = try picture(server)
            let map = try server.ask("GET", "/map").json()
            #expect(drawn.lines.first == type && drawn.title.hasPrefix(type))
            let bytes = map.object("bytes")["total"]!.formatted(.number.locale(Locale(identifier: "en_US")))
            #expect(drawn.lines[1].contains("len 12 ") && drawn.lines[1].contains(" \(bytes) bytes held"))
        }
    }

    @Test("HEAD answers the headers; query parameters and other methods are refused")
    func protocolRules() throws {
        try withHusk { (server) throws in
            let head = try server.ask("HEAD", "/map/layout.svg")
            #expect(head.status == 200 && head.header("Content-Type") == "image/svg+xml" && head.body.isEmpty)
            try server.ask("GET", "/map/layout.svg?width=5").expectProblem(400, field: "width")
            try server.ask("POST", "/map/layout.svg").expectProblem(405)
        }
    }

    @Test("While the map is filled, emptied, cleared, made nil and replaced, each picture is whole")
    func changesMeanwhile() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let port = server.port
            let isDone = Atomic(false)
            let drawn = Mutex(0)
            let threads = (0..<2).map { _ in
                Thread {
                    while !isDone.load(ordering: .relaxed) {
                        guard let answer = try? Client(port: port).ask("GET", "/map/layout.svg") else {
                            continue
                        }
                        if answer.status == 503 { continue }
                        let picture = Picture(answer.body)
                        #expect(answer.status == 200 && picture.isWellFormed)
                        #expect(answer.body.count < Self.byteLimit)
                        drawn.withLock { $0 += 1 }
                    }
                }
            }
            threads.forEach { $0.start() }
            for round in 0..<12 {
                let layout = round % 2 == 0 ? "bucket" : "swiss"
                let shards = [1, 16, 4096][round % 3]
                try server.post("/map/replace-with-fresh", #"{"layout": "\#(layout)", "shards": \#(shards)}"#)
                try server.post("/map/insert", #"{"count": 100000}"#)
                try server.post("/map/delete", #"{"count": 60000}"#)
                if round % 4 == 0 { try server.post("/map/replace-with-fresh", #"{"copy": true}"#) }
                if round % 4 == 1 { try server.post("/map/clear") }
                if round % 4 == 2 { try server.post("/map/nil") }
            }
            isDone.store(true, ordering: .relaxed)
            #expect(eventually { threads.allSatisfy(\.isFinished) })
            #expect(drawn.withLock { $0 } > 0)
        }
    }
}
