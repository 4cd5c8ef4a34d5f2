import Foundation
import HuskService
import TestSupport
import Testing

/// Recorded streams over HTTP: only files of one folder.
@Suite("Replay over HTTP", .serialized)
final class ReplayEndpointTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "husk-replay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/streams/inner", withIntermediateDirectories: true)
        try write("streams/good.csv", "0,a,1,5,15,set,0\n0,b,1,7,15,get,0\nrubbish\n")
        try write("streams/empty.csv", "")
        try write("streams/binary", String(repeating: "\u{0}\u{1}\n", count: 300))
        try write("streams/broken.gz", "\u{1F}not gzip")
        try write("outside.csv", "0,a,1,5,15,set,0\n")
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/streams/link.csv", withDestinationPath: "../outside.csv")
        #expect(mkfifo(folder + "/streams/fifo", 0o644) == 0)
        var gzip = Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3])
        gzip.append(contentsOf: [0xFF, 0xFF, 0xFF])
        try gzip.write(to: URL(fileURLWithPath: folder + "/streams/broken.gz"))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private func start(_ server: HuskServer, _ path: String, _ fields: String = "") throws -> Answer {
        try server.ask("POST", "/workloads", body: "{\"kind\": \"replay\", \"path\": \"\(path)\"\(fields)}")
    }

    @Test("A file of the folder is replayed, and the report says what was read")
    func good() throws {
        try withHusk(replayDirectory: folder + "/streams") { server in
            let answer = try start(server, "good.csv", #", "expire": true, "limit": 100, "format": "twitter""#)
            #expect(answer.status == 202, "\(answer)")
            let path = try #require(answer.header("Location"))
            var report = try server.ask("GET", path).json()
            _ = try eventually {
                report = try server.ask("GET", path).json()
                return report.string("state") != "running"
            }
            #expect(report.string("state") == "done")
            #expect(report.object("workload").string("path") == "good.csv")
            #expect(report.object("workload").members["expire"] as? Bool == true)
            let stream = report.object("stream")
            #expect(stream.string("format") == "twitter" && stream.string("packing") == "plain")
            #expect(stream["lines"] == 3 && stream["badLines"] == 1 && stream["operations"] == 2)
            let bad = stream.members["firstBadLines"] as? [[String: Any]]
            #expect(bad?.first?["line"] as? Int == 3)
            #expect(report.object("counts")["loads"] == 1)
            #expect(try server.ask("GET", "/map/keys/b").body.count == 7)
        }
    }

    @Test("What lies outside the folder is 403, whether it is there or not")
    func outside() throws {
        try withHusk(replayDirectory: folder + "/streams") { server in
            for path in [
                "../outside.csv", "../none.csv", "/etc/passwd", "/none", "link.csv", "inner/../../outside.csv",
            ] {
                try start(server, path).expectProblem(403, field: "path")
            }
        }
    }

    @Test("What is no stream is 422 in words, and changes nothing")
    func noStream() throws {
        try withHusk(replayDirectory: folder + "/streams") { server in
            for (path, words) in [
                ("none.csv", "No such file"), ("inner", "not a regular file"), ("fifo", "not a regular file"),
                ("empty.csv", "the stream is empty"), ("binary", "no format takes any of the first 100 lines"),
                ("broken.gz", "the gzip is broken at byte"),
            ] {
                let answer = try start(server, path)
                try answer.expectProblem(422, field: "path")
                #expect(answer.text.contains(words), "\(path): \(answer.text)")
            }
            #expect(try server.ask("GET", "/workloads").text == "{\"workloads\":[]}\n")
        }
        try withHusk(type: "map[int]int", replayDirectory: folder + "/streams") { server in
            let answer = try start(server, "good.csv")
            try answer.expectProblem(422)
            #expect(answer.text.contains("its key type must be string"))
        }
    }

    @Test("Without the folder nothing is read, and a folder that is none keeps the server from starting")
    func noFolder() throws {
        try withHusk { server in
            try start(server, folder + "/streams/good.csv").expectProblem(403, field: "path")
            try server.ask("POST", "/workloads", body: #"{"kind": "replay"}"#).expectProblem(400, field: "path")
            try start(server, "a", #", "expire": 1"#).expectProblem(400, field: "expire")
            try start(server, "a", #", "speed": 0"#).expectProblem(400, field: "speed")
            try start(server, "a", #", "format": "xml""#).expectProblem(400, field: "format")
            try start(server, "a", #", "live": 5"#).expectProblem(400, field: "live")
        }
        #expect(throws: HuskServer.StartError.self) {
            try withHusk(replayDirectory: folder + "/outside.csv") { _ in }
        }
    }
}
