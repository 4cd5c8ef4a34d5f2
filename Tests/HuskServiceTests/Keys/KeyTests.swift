import Glibc
import HuskService
import TestSupport
import Testing

@Suite("/map/keys/{key}")
struct KeyTests {
    @Test("A new key is 201, the same again 204, and its value comes back byte for byte")
    func putAndGet() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            let value: [UInt8] = [0, 255, 10, 13, 37]
            #expect(try client.ask("PUT", "/map/keys/a", body: value).status == 201)
            #expect(try client.ask("PUT", "/map/keys/a", body: value).status == 204)
            let answer = try client.ask("GET", "/map/keys/a")
            #expect(answer.status == 200)
            #expect(answer.body == value)
            #expect(answer.header("Content-Type") == "application/octet-stream")
            #expect(try client.ask("DELETE", "/map/keys/a").status == 204)
            try client.ask("DELETE", "/map/keys/a").expectProblem(404)
            try client.ask("GET", "/map/keys/a").expectProblem(404)
        }
    }

    @Test("HEAD has GET's status and headers and no body")
    func head() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            _ = try client.ask("PUT", "/map/keys/a", body: "12345")
            let head = try client.ask("HEAD", "/map/keys/a")
            #expect(head.status == 200)
            #expect(head.header("Content-Length") == "5")
            #expect(try client.ask("HEAD", "/map/keys/b").status == 404)
            // The connection is still in step.
            #expect(try client.ask("GET", "/map/keys/a").text == "12345")
        }
    }

    @Test("An escaped key is the same key as the bytes that it stands for")
    func escapes() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port)
            #expect(try client.ask("PUT", "/map/keys/a%2Fb%20%00%ff+%3F", body: "x").status == 201)
            #expect(try client.ask("PUT", "/map/keys/%61%2fb%20%00%FF%2B%3f", body: "y").status == 204)
            #expect(try client.ask("GET", "/map/keys/a%2Fb%20%00%ff+%3F").text == "y")
        }
    }

    @Test("A broken escape is 400", arguments: ["%", "a%4", "%zz", "%%20", "a%2"])
    func brokenEscape(key: String) throws {
        try withHusk { (server) throws in
            for method in ["GET", "PUT", "DELETE"] {
                try server.ask(method, "/map/keys/" + key, body: method == "PUT" ? "v" : nil).expectProblem(
                    400)
            }
        }
    }

    @Test("The empty key and the empty value are like any other")
    func empty() throws {
        try withHusk { (server) throws in
            #expect(try server.ask("PUT", "/map/keys/", body: "").status == 201)
            let answer = try server.ask("GET", "/map/keys/")
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(try server.ask("DELETE", "/map/keys/").status == 204)
        }
    }

    @Test("A key of 7,600 bytes fits into a URL; one of 64 KiB is 414 there, and goes through /map/entries")
    func longKeys() throws {
        try withHusk { (server) throws in
            let long = String(repeating: "k", count: 7_600)
            #expect(try server.ask("PUT", "/map/keys/" + long, body: "v").status == 201)
            #expect(try server.ask("GET", "/map/keys/" + long).text == "v")
            let longer = String(repeating: "k", count: 64 << 10)
            for method in ["GET", "PUT", "DELETE"] {
                try server.ask(method, "/map/keys/" + longer, body: method == "PUT" ? "v" : nil)
                    .expectProblem(414)
            }
            let answer = try server.ask("POST", "/map/entries", body: #"{"key":"\#(longer)","value":"v"}"#)
            #expect(try answer.json()["inserted"] == 1)
            #expect(try server.ask("GET", "/map/entries").text.utf8.count > 64 << 10)
        }
    }

    @Test("Numbers are decimal text both ways, and only those of the type fit")
    func numbers() throws {
        try withHusk(type: "map[int32]uint8") { (server) throws in
            let client = try Client(port: server.port)
            #expect(try client.ask("PUT", "/map/keys/-2147483648", body: "255").status == 201)
            let answer = try client.ask("GET", "/map/keys/-2147483648")
            #expect(answer.text == "255")
            #expect(answer.header("Content-Type") == "text/plain; charset=utf-8")
            for key in [
                "x", "", "2147483648", "-2147483649", "1.0", "1e3", "+1", "%201", "99999999999999999999999",
            ] {
                for method in ["GET", "PUT", "DELETE"] {
                    try client.ask(method, "/map/keys/" + key, body: method == "PUT" ? [49] : nil)
                        .expectProblem(422)
                }
            }
            for value in ["256", "-1", "", "x", "1 ", "0x10"] {
                try client.ask("PUT", "/map/keys/1", body: value).expectProblem(422)
            }
            #expect(try server.ask("GET", "/map").json()["len"] == 1)
        }
    }

    @Test(
        "Every value type reads as it was written",
        arguments: [
            ("bool", "true"), ("struct{}", ""), ("*int32", "-5"), ("uint64", "18446744073709551615"),
            ("[]byte", "raw"), ("string", "raw"), ("*string", "raw"), ("[200]byte", "ab"),
            ("int64", "-9223372036854775808"),
        ])
    func valueTypes(type: String, text: String) throws {
        try withHusk(type: "map[uint64]\(type)") { (server) throws in
            #expect(try server.ask("PUT", "/map/keys/7", body: text).status == 201)
            #expect(try server.ask("GET", "/map/keys/7").text.hasPrefix(text))
        }
    }

    @Test("A value over the limit is 413, whether its length is declared or not")
    func tooLong() throws {
        try withHusk { (server) throws in
            let declared = try Client(port: server.port)
            try declared.send(
                "PUT /map/keys/a HTTP/1.1\r\nHost: test\r\nContent-Length: \(Limits.valueBytes + 1)\r\n\r\n")
            try declared.readAnswer().expectProblem(413)

            let chunked = try Client(port: server.port)
            try chunked.send("PUT /map/keys/a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: "v", count: 1 << 16) + "\r\n"
            // The server may hang up on the rest once it has had enough.
            for _ in 0...(Limits.valueBytes >> 16) { try? chunked.send(chunk) }
            try? chunked.send("0\r\n\r\n")
            try chunked.readAnswer().expectProblem(413)

            #expect(try server.ask("GET", "/map/keys/a").status == 404)
            let exact = try Client(port: server.port)
            let value = [UInt8](repeating: 7, count: Limits.valueBytes)
            #expect(try exact.ask("PUT", "/map/keys/a", body: value).status == 201)
            #expect(try exact.ask("GET", "/map/keys/a").body == value)
        }
    }

    @Test("A client that stops in the middle of a body changes nothing")
    func stopsMidBody() throws {
        try withHusk { (server) throws in
            do {
                let client = try Client(port: server.port)
                try client.send("PUT /map/keys/a HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf")
                usleep(20_000)
            }
            #expect(try server.ask("GET", "/map/keys/a").status == 404)
            let left = eventually { server.connectionCount <= 1 }
            #expect(left)
        }
    }

    @Test("Expect: 100-continue is answered before the body comes")
    func expectContinue() throws {
        try withHusk { (server) throws in
            let client = try Client(port: server.port, timeoutSeconds: 5)
            try client.send(
                "PUT /map/keys/a HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            usleep(50_000)
            try client.send("abc")
            #expect(try client.readAnswer().status == 201)
        }
    }

    @Test("On a nil map nothing is found, a delete does nothing and a PUT is 409")
    func nilMap() throws {
        try withHusk { (server) throws in
            try server.post("/map/nil")
            try server.ask("PUT", "/map/keys/a", body: "v").expectProblem(409)
            try server.ask("GET", "/map/keys/a").expectProblem(404)
            try server.ask("DELETE", "/map/keys/a").expectProblem(404)
        }
    }
}
