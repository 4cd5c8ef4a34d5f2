import Glibc
import MicroHTTP
import Synchronization
import TestSupport
import Testing

/// Lends up to a number of bytes, and remembers.
private final class Lender: MemoryLender {
    let left: Atomic<Int>
    init(_ bytes: Int) { left = Atomic(bytes) }

    func lend(byteCount: Int) -> Bool {
        if left.subtract(byteCount, ordering: .relaxed).newValue >= 0 { return true }
        left.add(byteCount, ordering: .relaxed)
        return false
    }
    func takeBack(byteCount: Int) { left.add(byteCount, ordering: .relaxed) }
}

@Suite("The budget of what requests buffer")
struct BudgetTests {
    private static let mebibyte = 1 << 20

    @Test("What is its own may be taken, no byte more, and again once it is given back")
    func own() {
        let budget = BufferBudget(ownBytes: 100, greatestBytes: 200)
        #expect(budget.take(60) && budget.take(40))
        #expect(!budget.take(1) && budget.usedBytes == 100)
        budget.giveBack(60)
        #expect(budget.take(60) && !budget.take(1))
    }

    @Test("More is borrowed up to the greatest, or as long as there is a loan, and given back")
    func loans() {
        let lender = Lender(10 * Self.mebibyte)
        let budget = BufferBudget(ownBytes: 0, greatestBytes: 9 * Self.mebibyte, lender: lender)
        #expect(budget.take(9 * Self.mebibyte) && !budget.take(1))
        #expect(lender.left.load(ordering: .relaxed) == Self.mebibyte)
        budget.giveBack(9 * Self.mebibyte)
        // A step of it stays borrowed.
        #expect(lender.left.load(ordering: .relaxed) >= 6 * Self.mebibyte)
        let poor = BufferBudget(ownBytes: 0, greatestBytes: .max, lender: Lender(5 * Self.mebibyte))
        #expect(poor.take(4 * Self.mebibyte) && !poor.take(4 * Self.mebibyte))
    }

    @Test("From many threads at once it comes out even, and is never over its bound")
    func threads() async {
        let lender = Lender(64 * Self.mebibyte)
        let budget = BufferBudget(ownBytes: Self.mebibyte, greatestBytes: 32 * Self.mebibyte, lender: lender)
        await withTaskGroup(of: Void.self) { group in
            for seed in 1...4 {
                group.addTask {
                    var random = UInt64(seed)
                    for _ in 0..<20_000 {
                        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        let lease = BufferLease(Int(random >> 40), of: budget)
                        #expect(lender.left.load(ordering: .relaxed) >= 32 * Self.mebibyte)
                        if random >> 63 == 0 { _ = lease?.resize(to: Int(random >> 41 & 0xFFFFFF)) }
                    }
                }
            }
        }
        #expect(budget.usedBytes == 0)
        #expect(lender.left.load(ordering: .relaxed) >= 64 * Self.mebibyte - (8 << 20))
    }

    // MARK: A server with one

    private func withServer(budgetBytes: Int, _ body: (HTTPServer, BufferBudget) throws -> Void) throws {
        var configuration = HTTPServer.Configuration(port: 0)
        configuration.threads = 2
        let budget = BufferBudget(ownBytes: budgetBytes, greatestBytes: budgetBytes)
        configuration.budget = budget
        let server = try HTTPServer(configuration: configuration, handler: TestService())
        defer { server.stop(deadlineSeconds: 2) }
        try body(server, budget)
    }

    private func expectRefusal(_ answer: Answer) {
        #expect(answer.status == 503 && answer.header("Retry-After") == "1", "\(answer)")
        #expect(answer.header("Content-Type") == "application/problem+json")
    }

    @Test(
        "Unfinished bodies are refused with 503 once they fill the budget, small requests go on, and all comes back"
    )
    func unfinishedBodies() throws {
        try withServer(budgetBytes: 8 * Self.mebibyte) { (server, budget) throws in
            let piece = [UInt8](repeating: 1, count: 900_000)
            var waiting: [Client] = []
            var refused = 0
            for _ in 0..<20 {
                let before = budget.usedBytes
                let client = try Client(port: server.port)
                try client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
                // The client that is refused may find its connection reset.
                try? client.send(piece)
                waiting.append(client)
                #expect(eventually { budget.usedBytes - before >= Self.mebibyte || client.hasAnswer })
                if client.hasAnswer {
                    expectRefusal(try client.readAnswer())
                    refused += 1
                }
                #expect(budget.usedBytes <= 8 * Self.mebibyte)
            }
            #expect(refused >= 10)
            #expect(try Client(port: server.port).ask("POST", "/echo", body: "small").text == "small")
            for client in waiting { client.close() }
            #expect(eventually { budget.usedBytes <= 100 << 10 })
            let whole = try Client(port: server.port).ask(
                "POST", "/echo", body: [UInt8](repeating: 2, count: 1_000_000))
            #expect(whole.body.count == 1_000_000)
        }
    }

    @Test("A chunked body that finds no memory on the way is cut off with 503")
    func chunked() throws {
        try withServer(budgetBytes: 400 << 10) { (server, _) throws in
            let client = try Client(port: server.port)
            try client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "8000\r\n" + String(repeating: "a", count: 0x8000) + "\r\n"
            for _ in 0..<20 { if (try? client.send(chunk)) == nil { break } }
            expectRefusal(try client.readAnswer())
        }
    }

    @Test("Large answers that nobody reads are counted, and refused past the budget")
    func answers() throws {
        try withServer(budgetBytes: 8 * Self.mebibyte) { (server, budget) throws in
            // The kernel holds some of these answers for each client; the next one waits in the server.
            let requests = 8
            var waiting: [Client] = []
            for _ in 0..<20 {
                let client = try Client(port: server.port, receiveBufferBytes: 4096)
                try client.send(String(repeating: "GET /large HTTP/1.1\r\nHost: x\r\n\r\n", count: requests))
                waiting.append(client)
                #expect(eventually { client.hasAnswer })
                #expect(budget.usedBytes <= 8 * Self.mebibyte)
            }
            var refused = 0
            for client in waiting {
                for _ in 0..<requests {
                    let answer = try client.readAnswer()
                    if answer.status != 503 {
                        #expect(answer.body.count == 1_000_000)
                    } else {
                        // A refusal ends the connection.
                        refused += 1
                        break
                    }
                }
            }
            #expect(refused > 0)
        }
    }

    @Test("Connections are counted: past the budget the longest idle one goes, and a busy server refuses")
    func connections() throws {
        try withServer(budgetBytes: 1 * Self.mebibyte) { (server, budget) throws in
            let places = Self.mebibyte / server.configuration.connectionBytes
            var clients: [Client] = []
            for _ in 0..<(places + 40) {
                let client = try Client(port: server.port)
                #expect(try client.ask("GET", "/hello").text == "hello")
                clients.append(client)
            }
            #expect(eventually { server.connectionCount <= places + 1 })
            for client in clients { client.close() }
            #expect(eventually { budget.usedBytes == 0 })
        }
    }
}
