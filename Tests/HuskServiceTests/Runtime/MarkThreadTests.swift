import Foundation
import TestSupport
import Testing

/// The threads that help to mark, as the kernel lists them.
@Suite("Threads that mark")
struct MarkThreadTests {
    @Test("They follow maxProcs, up and down")
    func followMaxProcs() throws {
        let status = try HuskBinary.serve(["--type", "map[int]*int", "--max-procs", "1"]) { port, process in
            let client = try Client(port: port)
            #expect(try client.ask("POST", "/map/insert", body: #"{"count": 300000}"#).status == 200)
            for maxProcs in [8, 64, 2, 1, 3] {
                #expect(
                    try client.ask("PATCH", "/runtime", body: "{\"maxProcs\": \(maxProcs)}").status == 200)
                // Those that are too many go at once, others come with the next collection.
                #expect(try eventually { try markThreads(process) <= maxProcs - 1 }, "maxProcs \(maxProcs)")
                let isFull = try eventually {
                    #expect(try client.ask("POST", "/gc").status == 200)
                    return try markThreads(process) == maxProcs - 1
                }
                let count = try markThreads(process)
                #expect(isFull, "maxProcs \(maxProcs): \(count) threads")
            }
        }
        #expect(status == 0)
    }

    private func markThreads(_ process: Int32) throws -> Int {
        let tasks = "/proc/\(process)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).count { task in
            // One that has just ended has no name any more.
            (try? String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)) == "husk-mark\n"
        }
    }
}
