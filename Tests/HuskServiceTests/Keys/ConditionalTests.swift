import Foundation
import HuskService
import TestSupport
import Testing

@Suite("Conditional requests")
struct ConditionalTests {
    /// Every condition, and what each method answers for a key that is there, and for one that is not.
    private static let cases: [(headers: [String], present: [String: Int], absent: [String: Int])] = [
        (
            ["If-None-Match: *"], ["GET": 304, "HEAD": 304, "PUT": 412, "DELETE": 412],
            ["GET": 404, "PUT": 201, "DELETE": 404]
        ),
        (
            ["If-Match: *"], ["GET": 200, "HEAD": 200, "PUT": 204, "DELETE": 204],
            ["GET": 404, "PUT": 412, "DELETE": 404]
        ),
        (
            ["If-Match: \"a\""], ["GET": 412, "HEAD": 412, "PUT": 412, "DELETE": 412],
            ["GET": 404, "PUT": 412, "DELETE": 404]
        ),
        (
            ["if-match: W/\"a\", \"b,\""], ["GET": 412, "PUT": 412, "DELETE": 412],
            ["GET": 404, "PUT": 412, "DELETE": 404]
        ),
        (["If-None-Match: \"a\""], ["GET": 200, "PUT": 204, "DELETE": 204], ["GET": 404, "PUT": 201, "DELETE": 404]),
        (["If-None-Match: ,\"\" ,, W/\"é\" "], ["GET": 200, "PUT": 204, "DELETE": 204], ["GET": 404, "PUT": 201]),
        (["If-None-Match: \"a\"", "IF-NONE-MATCH: \"b\""], ["GET": 200, "PUT": 204], ["PUT": 201]),
        (["If-Match: *", "If-None-Match: *"], ["GET": 304, "PUT": 412, "DELETE": 412], ["PUT": 412, "DELETE": 404]),
        (["If-Match: *", "If-None-Match: \"a\""], ["GET": 200, "PUT": 204, "DELETE": 204], ["PUT": 412]),
        // Husk tells no times of modification, so these do not count.
        (
            ["If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT"], ["GET": 200, "PUT": 204, "DELETE": 204],
            ["PUT": 201]
        ),
        (["If-Modified-Since: Sat, 29 Oct 2094 19:43:31 GMT"], ["GET": 200, "PUT": 204], ["GET": 404]),
    ]

    @Test("A condition counts where the answer would be one of success, and then it is kept", arguments: cases.indices)
    func conditions(index: Int) throws {
        let (headers, present, absent) = Self.cases[index]
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            for (statuses, isPresent) in [(present, true), (absent, false)] {
                for (method, status) in statuses {
                    _ = try client.ask("DELETE", "/map/keys/k")
                    if isPresent { _ = try client.ask("PUT", "/map/keys/k", body: "old") }
                    let body = method == "PUT" ? Array("new".utf8) : nil
                    let answer = try client.ask(method, "/map/keys/k", body: body, headers: headers)
                    #expect(answer.status == status, "\(method) \(headers), \(isPresent): \(answer)")
                    if status == 412, method != "HEAD" { try answer.expectProblem(412) }
                    // What did not succeed has changed nothing.
                    let after = try client.ask("GET", "/map/keys/k")
                    let value = after.status == 200 ? after.text : nil
                    let done = ["PUT": "new", "DELETE": nil] as [String: String?]
                    let expected = status < 300 && done[method] != nil ? done[method]! : (isPresent ? "old" : nil)
                    #expect(value == expected, "\(method) \(headers), \(isPresent)")
                }
            }
        }
    }

    @Test(
        "What is neither * nor a list of entity tags is 400",
        arguments: ["", "a", "\"a", "*, \"a\"", "\"a\" \"b\"", "w/\"a\"", "W/ \"a\"", ",", "\"a b\"", "**"])
    func malformed(value: String) throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            for name in ["If-Match", "If-None-Match"] {
                for method in ["GET", "PUT", "DELETE"] {
                    let body = method == "PUT" ? Array("v".utf8) : nil
                    let answer = try client.ask(method, "/map/keys/k", body: body, headers: ["\(name): \(value)"])
                    // A GET or DELETE of a key that is not there is refused too: the request is no proper one.
                    try answer.expectProblem(400)
                }
            }
            let twice = try client.ask("PUT", "/map/keys/k", body: [1], headers: ["If-Match: *", "If-Match: \"a\""])
            try twice.expectProblem(400)
            #expect(try server.ask("GET", "/map").json()["len"] == 0)
        }
    }

    @Test("A misfit and a nil map are told before a condition is looked at")
    func otherRefusals() throws {
        try withHusk(type: "map[int]int") { (server) throws in
            let client = try Client(port: server.port)
            try client.ask("PUT", "/map/keys/x", body: [49], headers: ["If-Match: *"]).expectProblem(422)
            try client.ask("PUT", "/map/keys/1", body: [65], headers: ["If-Match: *"]).expectProblem(422)
            try server.post("/map/nil")
            try client.ask("PUT", "/map/keys/1", body: [49], headers: ["If-None-Match: *"]).expectProblem(409)
        }
    }

    @Test("Of many clients that insert the same key if it is absent, one does")
    func insertIfAbsent() async throws {
        try await withThrowingTaskGroup(of: [Int].self) { group in
            var configuration = HuskServer.Configuration()
            configuration.port = 0
            configuration.threads = 2
            let server = try HuskServer(configuration, logger: .silent)
            defer { server.stop(deadlineSeconds: 5) }
            for _ in 0..<4 {
                group.addTask {
                    let client = try Client(port: server.port)
                    return try (0..<300).map { key in
                        try client.ask("PUT", "/map/keys/\(key)", body: [1], headers: ["If-None-Match: *"]).status
                    }
                }
            }
            var statuses: [Int] = []
            for try await more in group { statuses += more }
            #expect(statuses.count { $0 == 201 } == 300 && statuses.count { $0 == 412 } == 900)
        }
    }

    @Test(
        "Encoded content is 415, with what would be taken, and a part of a value 400; the connection goes by the body")
    func content() throws {
        try withHusk { (server) throws in
            for (method, path) in [
                ("PUT", "/map/keys/k"), ("POST", "/map/insert"), ("POST", "/map/entries"), ("POST", "/gc"),
                ("PATCH", "/runtime"),
            ] {
                for coding in ["gzip", "GZIP", "identity, br", "x-none"] {
                    for body in ["{}", ""] {
                        let answer = try Client(port: server.port).ask(
                            method, path, body: Array(body.utf8), headers: ["Content-Encoding: \(coding)"])
                        try answer.expectProblem(415)
                        #expect(answer.header("Accept-Encoding") == "identity")
                    }
                }
                let plain = try Client(port: server.port).ask(
                    method, path, body: [], headers: ["Content-Encoding: Identity"])
                #expect(plain.status < 300, "\(method) \(path): \(plain)")
            }
            for body: [UInt8] in [[1, 2, 3], []] {
                try Client(port: server.port)
                    .ask("PUT", "/map/keys/k", body: body, headers: ["Content-Range: bytes 0-2/10"]).expectProblem(400)
            }
            #expect(
                try Client(port: server.port).ask("GET", "/map/keys/k", headers: ["Content-Encoding: gzip"]).status
                    == 200)
        }
    }
}
