// The same server seen by the tool that people use.

import Foundation
import MicroHTTP
import Testing

@Suite struct CurlTests {
    private func curl(_ arguments: [String], input: Data? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "-sS", "--max-time", "10"] + arguments
        let output = Pipe()
        let standardInput = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = standardInput
        try process.run()
        if let input { standardInput.fileHandleForWriting.write(input) }
        try standardInput.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }

    @Test func curlReusesItsConnection() throws {
        try withServer { server in
            let url = "http://127.0.0.1:\(server.port)/hello"
            let text = try curl(["-w", "[%{num_connects}]", url, url, url])
            #expect(text == "hello[1]hello[0]hello[0]")
        }
    }

    @Test func curlUploadsDeclaredAndChunked() throws {
        try withServer { server in
            let url = "http://127.0.0.1:\(server.port)"
            let piped = try curl(["-T", "-", "\(url)/echo"], input: Data("piped".utf8))
            #expect(piped == "piped")
            let flat = try curl(["-X", "PUT", "--data-binary", "flat", "\(url)/echo"])
            #expect(flat == "flat")
            let large = Data(repeating: 65, count: 3_000_000)
            let count = try curl(["-T", "-", "\(url)/upload", "-X", "POST"], input: large)
            #expect(count == "3000000")
        }
    }

    @Test func curlReadsTheRefusalOfABodyTooLarge() throws {
        try withServer { server in
            let url = "http://127.0.0.1:\(server.port)/echo"
            let large = Data(repeating: 65, count: 2_500_000)
            let status = ["-o", "/dev/null", "-w", "%{http_code} %{content_type}"]
            let declared = try curl(status + ["-X", "PUT", "--data-binary", "@-", url], input: large)
            #expect(declared == "413 application/problem+json")
            let eager = try curl(
                status + ["-H", "Expect:", "-X", "PUT", "--data-binary", "@-", url], input: large)
            #expect(eager.hasSuffix("413 application/problem+json"))
        }
    }

    @Test func curlReadsAStreamAndAHead() throws {
        try withServer { server in
            let url = "http://127.0.0.1:\(server.port)"
            let lines = try curl(["\(url)/stream?lines=2"])
            #expect(lines == "line 0\nline 1\n")
            let head = try curl(["-I", "-w", "%{http_code}", "\(url)/hello"])
            #expect(head.hasSuffix("200"))
        }
    }
}
