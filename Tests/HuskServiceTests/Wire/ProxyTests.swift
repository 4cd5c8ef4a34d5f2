// The same forms through Debian's nginx in front: however a form is put, proxy and server agree on how many requests
// there are. One that they count differently would let a client put a request into another's connection.

import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Nginx.program != nil, "there is no nginx: scripts/unpack-nginx"))
struct ProxyTests {
    /// With a body passed on as it comes, or collected first, which is nginx's default.
    @Test(arguments: [true, false])
    func proxyAndServerCountTheSameRequests(_ collectsBodies: Bool) throws {
        try withHusk { server in
            _ = try server.ask("PUT", "/map/keys/s", body: "there")
            let nginx = try Nginx(husk: server.port, collectsBodies: collectsBodies)
            defer { nginx.stop() }
            let isUp = try eventually { try nginx.isUp }
            #expect(isUp)
            // All but the PUT above go through nginx.
            let direct = 1
            var forwarded = 0
            for form in WireForm.all {
                let client = try Client(port: nginx.port)
                // A client that is refused early may be gone before it has sent everything.
                try? client.send(form.wire + Array(WireForm.next.utf8))
                shutdown(client.socket, Int32(SHUT_WR))
                _ = try? client.isClosedByServer()
                client.close()
                // Both count once an answer has gone out, which may be a moment after it has come in.
                var served = 0
                let agree = try eventually {
                    (forwarded, served) = (try nginx.forwardedRequests(), try requestsServed(server.port) - direct)
                    return forwarded == served
                }
                #expect(agree, "\(form.name): by then \(forwarded) forwarded, \(served) served")
            }
            // It is a comparison only if most of the forms came through.
            #expect(forwarded > WireForm.all.count / 2, "\(forwarded) requests were forwarded")
        }
    }

    /// All requests but the readings of /metrics themselves.
    private func requestsServed(_ port: Int) throws -> Int {
        let page = try Client(port: port).ask("GET", "/metrics").text
        var count = 0
        for line in page.split(separator: "\n") where line.hasPrefix("husk_http_requests_total{") {
            if line.contains("\"/metrics\"") { continue }
            count += Int(line.split(separator: " ").last.flatMap { Double($0) } ?? 0)
        }
        return count
    }
}

/// An nginx of its own, in a folder of its own, in front of a Husk.
final class Nginx {
    /// Installed, or else unpacked by scripts/unpack-nginx.
    static let program = [
        "/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx",
        URL(fileURLWithPath: #filePath).appending(path: "../../../../.build/nginx/usr/sbin/nginx").standardized.path,
    ].first { FileManager.default.isExecutableFile(atPath: $0) }

    let port: Int
    private let folder: URL
    private let process = Process()

    init(husk: Int, collectsBodies: Bool) throws {
        port = try freePort()
        folder = FileManager.default.temporaryDirectory.appending(path: "husk-nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(folder.path)/\($0);" }.joined(separator: " ")
        let configuration = """
            daemon off; master_process off; worker_processes 1;
            pid \(folder.path)/pid;
            error_log \(folder.path)/error.log;
            events { worker_connections 256; }
            http {
                log_format forwarded '$upstream_addr';
                access_log \(folder.path)/access.log forwarded;
                \(temporary)
                upstream husk { server 127.0.0.1:\(husk); keepalive 4; }
                server {
                    listen 127.0.0.1:\(port);
                    location / {
                        proxy_pass http://husk;
                        proxy_http_version 1.1;
                        proxy_set_header Host $http_host;
                        proxy_set_header Connection "";
                        proxy_request_buffering \(collectsBodies ? "on" : "off");
                        # A request is tried once, and its answer is waited for though the client sends no more.
                        proxy_next_upstream off;
                        proxy_ignore_client_abort on;
                    }
                }
            }
            """
        let file = folder.appending(path: "nginx.conf")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        process.executableURL = Self.program.map { URL(fileURLWithPath: $0) }
        process.arguments = ["-p", folder.path, "-c", file.path, "-e", "\(folder.path)/error.log"]
        try process.run()
    }

    func stop() {
        // It inherits the signals that this thread blocks, SIGTERM among them.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Whether it answers.
    var isUp: Bool {
        get throws {
            guard process.isRunning else { throw ClientFailure(description: try errors()) }
            return (try? Client(port: port).ask("GET", "/version").status) == 200
        }
    }

    /// How many requests it has passed on.
    func forwardedRequests() throws -> Int {
        let log = try String(contentsOf: folder.appending(path: "access.log"), encoding: .utf8)
        return log.split(separator: "\n").filter { $0 != "-" }.count
    }

    private func errors() throws -> String {
        try String(contentsOf: folder.appending(path: "error.log"), encoding: .utf8)
    }
}

/// A port that nothing listens on.
private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var addressBytes = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, addressBytes) == 0 ? getsockname(descriptor, $0, &addressBytes) : -1
        }
    }
    guard result == 0 else {
        throw ClientFailure(description: "no free port: \(String(cString: strerror(errno)))")
    }
    return Int(UInt16(bigEndian: address.sin_port))
}
