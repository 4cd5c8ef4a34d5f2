// What web pages may do: nothing that changes anything, unless they are the server's own or were admitted.

import HuskService
import TestSupport
import Testing

@Suite struct CrossOriginTests {
    private static let changes = [
        ("PUT", "/map/keys/k"), ("DELETE", "/map/keys/k"), ("POST", "/map/nil"), ("POST", "/map/entries"),
        ("PATCH", "/runtime"),
    ]

    @Test(arguments: [
        ["Origin: http://elsewhere.example"], ["Origin: null"], ["Origin: http://test:81"],
        ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site", "Origin: http://test"],
    ])
    func pageOfAnotherOriginChangesNothing(_ headers: [String]) throws {
        try withHusk { server in
            _ = try server.ask("PUT", "/map/keys/k", body: "there")
            for (method, path) in Self.changes {
                let client = try Client(port: server.port)
                let answer = try client.ask(method, path, body: Array("{}".utf8), headers: headers)
                try answer.expectProblem(403)
                #expect(answer.header("Access-Control-Allow-Origin") == nil)
                #expect(try client.isClosedByServer())
            }
            #expect(try server.ask("GET", "/map/keys/k").text == "there")
            let read = try Client(port: server.port).ask("GET", "/map/keys/k", headers: headers)
            #expect(read.status == 200 && read.header("Access-Control-Allow-Origin") == nil)
        }
    }

    @Test(arguments: [
        [], ["Origin: http://test"], ["Origin: http://TEST"], ["Sec-Fetch-Site: none"],
        // A proxy may have changed the Host; the browser knows better.
        ["Sec-Fetch-Site: same-origin", "Origin: https://husk.example"],
    ])
    func pageOfTheServerAndNoPageAtAllPass(_ headers: [String]) throws {
        try withHusk { server in
            let client = try Client(port: server.port)
            for status in [201, 204] {
                #expect(try client.ask("PUT", "/map/keys/k", body: [1], headers: headers).status == status)
            }
        }
    }

    @Test func admittedPageMayDoEverything() throws {
        let origin = "http://localhost:3000"
        try withHusk(corsOrigins: ["https://other.example", origin].compactMap(WebOrigin.init(parsing:))) {
            server in
            let page = ["Origin: \(origin)", "Sec-Fetch-Site: cross-site"]
            let client = try Client(port: server.port)
            // Answers of each make: shared, made for one request, streamed, and from another thread.
            for (method, path, status) in [
                ("PUT", "/map/keys/k", 201), ("GET", "/map/keys/k", 200), ("GET", "/map/keys/none", 404),
                ("POST", "/version", 405), ("GET", "/map/entries", 200), ("POST", "/gc", 200),
                ("DELETE", "/map/keys/k", 204), ("HEAD", "/version", 200),
            ] {
                let body: [UInt8]? = method == "PUT" ? [1] : nil
                let answer = try client.ask(method, path, body: body, headers: page)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.header("Access-Control-Allow-Origin") == origin, "\(method) \(path)")
                #expect(answer.header("Vary") == "Origin", "\(method) \(path)")
                // A shared answer is not spoilt for others.
                #expect(try client.ask(method, path).header("Access-Control-Allow-Origin") == nil)
            }
            let other = try Client(port: server.port)
            let refused = try other.ask(
                "PUT", "/map/keys/k", body: [1], headers: ["Origin: http://localhost:3001"])
            try refused.expectProblem(403)
        }
    }

    @Test func preflightOfAnAdmittedPageIsAnswered() throws {
        let origin = "http://localhost:3000"
        try withHusk(corsOrigins: [origin].compactMap(WebOrigin.init(parsing:))) { server in
            let asks = ["Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type"]
            let admitted = try Client(port: server.port).ask(
                "OPTIONS", "/map/keys/k", headers: ["Origin: \(origin)"] + asks)
            #expect(admitted.status == 204)
            #expect(admitted.header("Access-Control-Allow-Origin") == origin)
            #expect(admitted.header("Access-Control-Allow-Methods")?.contains("PUT") == true)
            #expect(admitted.header("Access-Control-Allow-Headers") == "*")
            let other = try Client(port: server.port).ask(
                "OPTIONS", "/map/keys/k", headers: ["Origin: http://elsewhere.example"] + asks)
            #expect(other.status == 405 && other.header("Access-Control-Allow-Origin") == nil)
        }
    }

    @Test func originsAreReadStrictly() {
        for good in ["http://a", "https://a.example:8443", "http://[::1]:80", "HTTP://Localhost"] {
            #expect(WebOrigin(parsing: good)?.text == good.lowercased())
        }
        for bad in [
            "", "*", "null", "a.example", "ftp://a", "http://", "http://a/", "http://a b", "http://u@a",
        ] {
            #expect(WebOrigin(parsing: bad) == nil, "\(bad)")
        }
    }

    @Test func flagAndVariableAdmitOrigins() throws {
        func headers(_ port: Int, _ origin: String) throws -> String? {
            try Client(port: port).ask("GET", "/version", headers: ["Origin: \(origin)"])
                .header("Access-Control-Allow-Origin")
        }
        let flags = ["--cors-origin", "http://a", "--cors-origin", "http://b,http://c"]
        _ = try HuskBinary.serve(flags) { (port: Int) throws in
            for origin in ["http://a", "http://b", "http://c"] {
                #expect(try headers(port, origin) == origin)
            }
            #expect(try headers(port, "http://d") == nil)
        }
        _ = try HuskBinary.serve(environment: ["HUSK_CORS_ORIGIN": "http://a, http://b"]) {
            (port: Int) throws in
            #expect(try headers(port, "http://b") == "http://b")
        }
        let wrong = try HuskBinary.run("serve", "--cors-origin", "*")
        #expect(wrong.status == 64 && wrong.errors.contains("--cors-origin: '*' is no origin"))
    }
}
