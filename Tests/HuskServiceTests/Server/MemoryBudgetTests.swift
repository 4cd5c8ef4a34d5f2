import Foundation
import HuskService
import TestSupport
import Testing

/// What requests buffer is within --max-memory, together with the heap.
@Suite("The memory of requests")
struct MemoryBudgetTests {
    private static let maxMemoryBytes = 64 << 20

    /// A line of an import, six times as long as its value, the longest that there can be.
    private func longLine() -> String {
        "{\"key\":\"z\",\"value\":\"\(String(repeating: "\\u0001", count: 1 << 20))\"}\n"
    }

    @Test(
        "When the heap is full, long lines that find no memory are 503, and requests without a body are answered"
    )
    func longLinesInAFullHeap() throws {
        try withHusk(maxMemoryBytes: 128 << 20) { (server) throws in
            try server.ask("POST", "/map/insert", body: #"{"count": 1000000, "valueBytes": 1000}"#)
                .expectProblem(507)
            let line = longLine()
            // An eighth of --max-memory is the buffers' own: less than such a line takes.
            let answer = try server.ask("POST", "/map/entries", body: line)
            try answer.expectProblem(503)
            #expect(answer.header("Retry-After") == "1")
            #expect(try answer.json()["line"] == 1 && answer.json()["inserted"] == 0)
            // A small body is no matter of the buffers: there is room for it in the heap, or not.
            #expect([201, 507].contains(try server.ask("PUT", "/map/keys/small", body: "v").status))
            try server.post("/map/nil")
            try server.post("/free-memory")
            try server.post("/map/replace-with-fresh")
            // Now the heap lends.
            #expect(try server.post("/map/entries", line)["inserted"] == 1)
            #expect(try server.ask("GET", "/map/keys/z").body.count == 1 << 20)
        }
    }

    @Test("While requests buffer much, the heap may grow by that much less, and by all of it afterwards")
    func heapSeesWhatIsLent() throws {
        try withHusk(maxMemoryBytes: Self.maxMemoryBytes) { (server) throws in
            let insert = #"{"count": 40000, "valueBytes": 1000}"#
            var waiting: [Client] = []
            for index in 0..<24 {
                let client = try Client(port: server.port)
                try client.send(
                    "PUT /map/keys/a\(index) HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n")
                try client.send([UInt8](repeating: 1, count: 1_048_575))
                waiting.append(client)
            }
            #expect(eventually { server.service.budget.usedBytes > 24 << 20 })
            try server.ask("POST", "/map/insert", body: insert).expectProblem(507)
            for client in waiting { client.close() }
            #expect(eventually { server.service.budget.usedBytes < 1 << 20 })
            try server.post("/map/replace-with-fresh", #"{"type": "map[string][]byte"}"#)
            #expect(try server.post("/map/insert", insert)["inserted"] == 40_000)
        }
    }

    @Test("Large values that nobody reads are counted, and refused past the budget")
    func unreadAnswers() throws {
        try withHusk(maxMemoryBytes: Self.maxMemoryBytes) { (server) throws in
            let value = [UInt8](repeating: 7, count: 1 << 20)
            #expect(try Client(port: server.port).ask("PUT", "/map/keys/k", body: value).status == 201)
            // The kernel holds some of these answers for each client; the next one waits in the server.
            let requests = 8
            var waiting: [Client] = []
            for _ in 0..<50 {
                let client = try Client(port: server.port, receiveBufferBytes: 4096)
                try client.send(String(repeating: "GET /map/keys/k HTTP/1.1\r\nHost: x\r\n\r\n", count: requests))
                #expect(eventually { client.hasAnswer })
                waiting.append(client)
            }
            #expect(eventually { server.service.budget.usedBytes > 16 << 20 })
            var statuses: [Int: Int] = [:]
            for client in waiting {
                // A refusal ends the connection.
                for _ in 0..<requests {
                    let status = try client.readAnswer().status
                    statuses[status, default: 0] += 1
                    if status == 503 { break }
                }
            }
            #expect(
                statuses[200, default: 0] > 50 && statuses[503, default: 0] > 0 && statuses.count == 2, "\(statuses)")
        }
    }

    @Test("A scenario whose heap does not fit beside the map's is 507, and says what it needs")
    func scenario() throws {
        try withHusk(maxMemoryBytes: Self.maxMemoryBytes) { (server) throws in
            let answer = try server.ask("POST", "/scenarios/local")
            try answer.expectProblem(507)
            #expect(answer.text.contains("may need \(128 << 20) bytes more"))
        }
        // Where it fits, the map has its room back afterwards.
        try withHusk(type: "map[int][]byte", maxMemoryBytes: 256 << 20) { (server) throws in
            try server.post("/scenarios/local")
            #expect(
                try server.post("/map/insert", #"{"count": 150000, "valueBytes": 1000}"#)["inserted"]
                    == 150_000)
        }
    }

    @Test("The binary says where its --max-memory comes from, and warns of more than there is")
    func log() throws {
        let (byDefault, _) = try HuskBinary.serveWithLog([]) { _, _ in }
        #expect(byDefault.contains("--max-memory is ") && byDefault.contains("three quarters of the "))
        let (tooMuch, _) = try HuskBinary.serveWithLog(["--max-memory", "1000TiB"]) { _, _ in }
        #expect(tooMuch.contains("warning") && tooMuch.contains("is more than the "))
        let (fitting, _) = try HuskBinary.serveWithLog(["--max-memory", "64MiB"]) { _, _ in }
        #expect(!fitting.contains("--max-memory"))
    }
}
