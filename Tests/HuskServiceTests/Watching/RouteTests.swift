import Foundation
import HuskService
import Testing

@Suite("Routes, and what the service says of itself")
struct RouteTests {
    @Test(
        "An unknown path is 404",
        arguments: [
            "/nowhere", "/ui", "/ui/", "/ui/none.js", "/ui/page.js/", "/map/", "/map/keys", "/map/insert/more", "/Map",
            "//map", "/scenarios/none",
            "/scenarios/",
        ])
    func unknown(path: String) throws {
        try withHusk { (server) throws in
            try server.ask(path.hasPrefix("/scenarios/") ? "POST" : "GET", path).expectProblem(404)
        }
    }

    @Test("A known path with another method is 405 with Allow")
    func wrongMethod() throws {
        try withHusk { (server) throws in
            for (path, allow) in [
                ("/map", "GET, HEAD"), ("/map/keys/a", "GET, HEAD, PUT, DELETE"), ("/map/insert", "POST"),
                ("/map/entries", "GET, HEAD, POST"), ("/scenarios/local", "POST"), ("/metrics", "GET, HEAD"),
            ] {
                for method in ["PATCH", "OPTIONS", "BREW"] {
                    let answer = try server.ask(method, path)
                    try answer.expectProblem(405)
                    #expect(answer.header("Allow") == allow)
                }
            }
        }
    }

    @Test("An unknown query parameter is 400 and changes nothing")
    func unknownParameter() throws {
        try withHusk { (server) throws in
            for (method, path) in [
                ("PUT", "/map/keys/a"), ("GET", "/map"), ("POST", "/map/nil"), ("POST", "/map/entries"),
                ("GET", "/livez"),
                ("GET", "/memstats"), ("POST", "/scenarios/local"),
            ] {
                try server.ask(method, path + "?x=1", body: method == "GET" ? nil : "").expectProblem(
                    400, field: "x")
                try server.ask(method, path + "?x", body: method == "GET" ? nil : "").expectProblem(
                    400, field: "x")
            }
            #expect(try server.ask("GET", "/map?").status == 200)
            #expect(try server.ask("GET", "/map").json()["len"] == 0)
            #expect(try server.ask("GET", "/map").json().members["nil"] as? Bool == false)
        }
    }

    @Test("An operation without parameters takes no body, or an empty object")
    func noParameters() throws {
        try withHusk { (server) throws in
            for path in ["/gc", "/free-memory", "/map/clear", "/map/nil", "/scenarios/global-delete"] {
                try server.post(path)
                try server.post(path, "{}")
                try server.ask("POST", path, body: #"{"force": true}"#).expectProblem(400, field: "force")
                try server.ask("POST", path, body: "x").expectProblem(400)
            }
        }
    }

    @Test("/memstats has Go's names in Go's order, and ?fields= keeps some of them")
    func memStats() throws {
        try withHusk { (server) throws in
            try server.post("/gc")
            let whole = try server.ask("GET", "/memstats")
            let stats = try whole.json()
            #expect(stats.members.count == 32)
            #expect((stats.members["PauseNs"] as? [Any])?.count == 256)
            #expect((stats.members["PauseEnd"] as? [Any])?.count == 256)
            #expect((stats.members["BySize"] as? [Any])?.count == 61)
            #expect(stats["HeapSys"]! == stats["HeapInuse"]! + stats["HeapIdle"]!)
            #expect(stats["Alloc"] == stats["HeapAlloc"])
            #expect(whole.text.hasPrefix(#"{"Alloc":"#))
            let two = try server.ask("GET", "/memstats?fields=Sys%2CAlloc").text
            #expect(two.hasPrefix(#"{"Alloc":"#) && two.contains(#","Sys":"#) && !two.contains("Heap"))
            for bad in ["Nothing", "Alloc,Nothing", "alloc", "", "Alloc,", "%zz"] {
                try server.ask("GET", "/memstats?fields=" + bad).expectProblem(400)
            }
        }
    }

    @Test("/gc answers the line of gctrace")
    func gctrace() throws {
        try withHusk { (server) throws in
            #expect(try server.post("/gc").string("gctrace")?.hasPrefix("gc 1 @") == true)
            #expect(try server.post("/gc").object("after")["NumGC"] == 2)
        }
    }

    @Test("The document that is served is the file, byte for byte")
    func openAPI() throws {
        let file = URL(fileURLWithPath: #filePath).appending(path: "../../../../openapi/openapi.yaml")
            .standardized
        try withHusk { (server) throws in
            let answer = try server.ask("GET", "/openapi.yaml")
            #expect(answer.header("Content-Type") == "application/yaml")
            #expect(Data(answer.body) == (try Data(contentsOf: file)))
        }
    }

    @Test("The health checks answer ok, and /version what is running")
    func watching() throws {
        try withHusk { (server) throws in
            for path in ["/livez", "/readyz"] {
                let answer = try server.ask("GET", path)
                #expect(answer.status == 200 && answer.text == "ok\n")
            }
            #expect(try server.ask("GET", "/version").json().string("version") == Version.husk)
        }
    }
}
