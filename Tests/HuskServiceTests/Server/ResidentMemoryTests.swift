import Foundation
import TestSupport
import Testing

/// RSS of the real binary: after nil and free-memory it is what it was, whatever requests there were before.
@Suite("Resident memory", .serialized)
struct ResidentMemoryTests {
    @Test("RSS comes back to within a tenth after large lines, many connections, large bodies and exports")
    func comesBack() throws {
        let status = try HuskBinary.serve([]) { port, process in
            let start = try settledBytes(port, process)
            func expectBack(_ what: String) throws {
                // Connections close on their own time.
                var bytes = 0
                let isBack = try eventually {
                    bytes = try settledBytes(port, process)
                    return bytes <= start + start / 10
                }
                #expect(isBack, "\(what): \(start) -> \(bytes)")
            }
            let value = String(repeating: "\\u0001", count: 1 << 20)
            let line = "{\"key\":\"z\",\"value\":\"\(value)\"}"
            for count in [4, 4, 12, 12] {
                _ = try Client(port: port).ask("POST", "/map/replace-with-fresh")
                try together(count) { _ in
                    let answer = try Client(port: port, timeoutSeconds: 60).ask(
                        "POST", "/map/entries", body: line)
                    #expect(answer.status == 200)
                }
            }
            try expectBack("lines")

            var clients = try (0..<600).map { _ in try Client(port: port) }
            for client in clients { #expect(try client.ask("GET", "/livez").status == 200) }
            clients = []
            try expectBack("connections")

            _ = try Client(port: port).ask("POST", "/map/replace-with-fresh")
            let body = [UInt8](repeating: 1, count: 1 << 20)
            try together(4) { thread in
                let client = try Client(port: port)
                for index in 0..<50 {
                    #expect(
                        try client.ask("PUT", "/map/keys/\(thread)-\(index % 5)", body: body).status < 300)
                }
            }
            try together(8) { _ in
                let answer = try Client(port: port, timeoutSeconds: 60).ask("GET", "/map/entries")
                #expect(answer.status == 200)
            }
            try expectBack("bodies and exports")
        }
        #expect(status == 0)
    }

    /// RSS in bytes after nil and free-memory.
    private func settledBytes(_ port: Int, _ process: Int32) throws -> Int {
        let client = try Client(port: port)
        #expect(try client.ask("POST", "/map/nil").status == 200)
        #expect(try client.ask("POST", "/free-memory").status == 200)
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (Int(line.filter { $0.isNumber }) ?? 0) * 1024
    }

    private func together(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let threads = (0..<count).map { index in
            let thread = Thread { try? body(index) }
            thread.start()
            return thread
        }
        #expect(eventually(seconds: 60) { threads.allSatisfy(\.isFinished) })
    }
}
