import Foundation
import HuskService
import TestSupport
import Testing

@Suite("What husk says of its surroundings", .enabled(if: HuskBinary.url != nil))
struct EnvironmentTests {
    private func warnings(_ arguments: [String] = [], _ environment: [String: String]) throws -> [String] {
        try HuskBinary.log(arguments, environment: environment).split(separator: "\n").map(String.init)
            .filter { $0.contains(" warning ") }
    }

    @Test(
        "What Go ignores in its variables is ignored, with a warning",
        arguments: [
            (["GOGC": "abc"], "GOGC=abc is ignored"), (["GOGC": "2147483648"], "GOGC=2147483648 is ignored"),
            (["GOMAXPROCS": "0"], "GOMAXPROCS=0 is ignored"),
            (["GOMAXPROCS": "x"], "GOMAXPROCS=x is ignored"),
            (["GOMAXPROCS": "128"], "GOMAXPROCS=128: at most 64"),
            (["GODEBUG": "a=b,gctrace=yes"], "gctrace=yes is ignored"),
            (["GOMEMLIMIT": "1G", "HUSK_GO": "1.14"], "Go 1.14 does not read GOMEMLIMIT"),
        ])
    func goVariables(environment: [String: String], expected: String) throws {
        let warnings = try warnings([], environment)
        #expect(warnings.count == 1 && warnings.first?.contains(expected) == true, "\(warnings)")
    }

    @Test("What is set otherwise is not looked for in Go's variables")
    func precedence() throws {
        let bad = ["GOGC": "x", "GOMEMLIMIT": "x", "GOMAXPROCS": "x", "GODEBUG": "gctrace=x,madvdontneed=x"]
        let good = [
            "HUSK_GOGC": "50", "HUSK_MEMORY_LIMIT": "off", "HUSK_MAX_PROCS": "2", "HUSK_MADVISE": "free",
            "HUSK_GCTRACE": "0",
        ]
        #expect(try warnings([], bad.merging(good) { $1 }) == [])
    }

    @Test("A variable of Husk's that there is not is warned of, with the one that was meant")
    func unknownVariables() throws {
        let warnings = try warnings(
            ["--gctrace"],
            [
                "HUSK_MAXMEMORY": "1GiB", "HUSK_COLOUR_OF_THE_LOG": "red", "HUSK_LOG_LEVEL": "info",
                "HUSK_GCTRACE": "1",
            ])
        #expect(warnings.count == 2, "\(warnings)")
        #expect(
            warnings.contains {
                $0.contains("HUSK_MAXMEMORY is no variable of husk: did you mean HUSK_MAX_MEMORY?")
            })
        #expect(warnings.contains { $0.hasSuffix("HUSK_COLOUR_OF_THE_LOG is no variable of husk") })
    }

    @Test("Whoever listens where others can reach it is told that nothing authenticates")
    func openHosts() throws {
        let open = try warnings(["--host", "0.0.0.0"], [:])
        #expect(open.count == 1 && open.first?.contains("nothing authenticates") == true, "\(open)")
        for host in ["127.0.0.1", "127.0.0.2", "localhost"] {
            #expect(try warnings(["--host", host], [:]) == [])
        }
    }

    @Test("An IPv6 address may have brackets, and the log has one pair of them", .enabled(if: hasIPv6))
    func brackets() throws {
        for host in ["::1", "[::1]"] {
            let log = try HuskBinary.log(["--host", host])
            #expect(log.contains(" on http://[::1]:") && !log.contains("[["), "\(log)")
            #expect(!log.contains("nothing authenticates"))
        }
    }

    @Test("The health check asks where the server's own variables say that it listens")
    func healthCheck() throws {
        let hosts =
            ["127.0.0.1", "127.0.0.2", "0.0.0.0", "localhost"] + (hasIPv6 ? ["::", "[::1]", "::1"] : [])
        for host in hosts {
            _ = try HuskBinary.log(environment: ["HUSK_HOST": host]) { start in
                let port = "\(HuskBinary.port(in: start))"
                let check = try HuskBinary.run(
                    "healthcheck", environment: ["HUSK_HOST": host, "HUSK_PORT": port])
                #expect(check.status == 0, "\(host): \(check.errors)")
            }
        }
        // Nobody listens at this address.
        let other = try HuskBinary.run(
            "healthcheck", environment: ["HUSK_HOST": "127.0.0.3", "HUSK_PORT": "1"])
        #expect(other.status == 1 && other.errors.contains("127.0.0.3:1"), "\(other.errors)")
    }

    @Test("At debug each request is a line of the log, at info none is")
    func accessLog() throws {
        func requests(_ start: String) throws {
            let client = try Client(port: HuskBinary.port(in: start))
            _ = try client.ask("PUT", "/map/keys/a%20b", body: "hello")
            _ = try client.ask("GET", "/map/keys/a%20b")
            _ = try client.ask("GET", "/livez?x=1")
            _ = try client.ask("GET", "/memstats?fields=" + String(repeating: "x", count: 1000))
            // No proper target: it is refused, and the connection with it.
            _ = try client.ask("GET", "/\u{1B}[31m")
        }
        let log = try HuskBinary.log(["--log-level", "debug"], requests)
        let address = #"127\.0\.0\.1:\d+"#
        for line in [
            #"PUT /map/keys/a%20b 201 0 B \d+\.\d{3} ms "#, #"GET /map/keys/a%20b 200 5 B \d+\.\d{3} ms "#,
            #"GET /livez\?x=1 400 \d+ B \d+\.\d{3} ms "#,
        ] {
            #expect(log.contains(try Regex(line + address + #"\n"#)), "\(log)")
        }
        #expect(!log.contains("\u{1B}") && !log.contains(String(repeating: "x", count: 300)))
        let quiet = try HuskBinary.log([], requests)
        #expect(!quiet.contains("/map/keys"))
    }

    private static var hasIPv6: Bool {
        (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains(" lo") ?? false
    }
    private var hasIPv6: Bool { Self.hasIPv6 }
}
