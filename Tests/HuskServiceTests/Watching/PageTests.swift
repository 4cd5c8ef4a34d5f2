import Foundation
import HuskService
import TestSupport
import Testing

@Suite("The page at /")
struct PageTests {
    private static let browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"

    @Test("A browser is answered with HTML, and everyone else with the calls, as lines for a shell")
    func home() throws {
        try withHusk { (server) throws in
            let page = try Client(port: server.port).ask("GET", "/", headers: [Self.browser])
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            #expect(page.text.hasPrefix("<!doctype html>"))
            for link in page.text.matches(of: /href="(\?[^"]+)"/).map({ "/\($0.1)" }) {
                let linked = try Client(port: server.port).ask("GET", link, headers: [Self.browser])
                #expect(linked.status == 200 && linked.body == page.body, "\(link)")
            }
            for accept in ["*/*", "text/plain", "application/json", "text/html;q=0, */*"] {
                let text = try Client(port: server.port).ask("GET", "/", headers: ["Accept: \(accept)"])
                #expect(text.header("Content-Type") == "text/plain; charset=utf-8", "\(accept)")
                // The server as the client calls it.
                #expect(text.text.contains("curl -X POST test/map/nil"), "\(text)")
            }
        }
    }

    @Test("Whatever the page and its files refer to is there")
    func files() throws {
        try withHusk { (server) throws in
            let page = try Client(port: server.port).ask("GET", "/", headers: [Self.browser]).text
            var names = Set(page.matches(of: /"\/ui\/([^"]+)"/).map { String($0.1) })
            #expect(names.contains("page.js"))
            names.formUnion(["words.en.json", "words.zh.json"])
            var unread = names
            while let name = unread.popFirst() {
                let file = try server.ask("GET", "/ui/\(name)")
                #expect(file.status == 200, "\(name)")
                guard name.hasSuffix(".js") else { continue }
                let imports = Set(file.text.matches(of: /from '\.\/([^']+)'/).map { String($0.1) })
                #expect(names.isSuperset(of: imports), "preloaded: \(imports.subtracting(names))")
                unread.formUnion(imports.subtracting(names))
                names.formUnion(imports)
            }
        }
    }

    @Test("A browser that has a file is told so, by its entity tag")
    func notModified() throws {
        try withHusk { (server) throws in
            let first = try server.ask("GET", "/ui/page.js")
            let tag = try #require(first.header("ETag"))
            for known in [tag, "\(tag.dropFirst(2))", "\"other\", \(tag)", "*"] {
                let again = try Client(port: server.port).ask(
                    "GET", "/ui/page.js", headers: ["If-None-Match: \(known)"])
                #expect(again.status == 304 && again.body.isEmpty, "\(known): \(again)")
                #expect(again.header("ETag") == tag)
            }
            let other = try Client(port: server.port).ask(
                "GET", "/ui/page.js", headers: ["If-None-Match: \"other\""])
            #expect(other.status == 200 && other.body == first.body)
        }
    }

    @Test("Whoever takes gzip is sent that, and it unpacks to the same file")
    func packed() throws {
        try withHusk { (server) throws in
            let plain = try server.ask("GET", "/ui/page.js")
            #expect(plain.header("Content-Encoding") == nil)
            for accepted in ["gzip", "deflate, gzip;q=0.5, br", "GZIP"] {
                let packed = try Client(port: server.port).ask(
                    "GET", "/ui/page.js", headers: ["Accept-Encoding: \(accepted)"])
                #expect(packed.header("Content-Encoding") == "gzip", "\(accepted)")
                #expect(try unpacked(packed.body) == plain.body)
            }
            for accepted in ["", "identity", "gzip;q=0", "br, gzip; q=0.0"] {
                let other = try Client(port: server.port).ask(
                    "GET", "/ui/page.js", headers: ["Accept-Encoding: \(accepted)"])
                #expect(other.header("Content-Encoding") == nil && other.body == plain.body, "\(accepted)")
            }
        }
    }

    /// By the `gzip` of the system.
    private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).gz")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let gunzip = Process()
        gunzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        gunzip.arguments = ["--decompress", "--stdout", file.path]
        let output = Pipe()
        gunzip.standardOutput = output
        try gunzip.run()
        let unpacked = output.fileHandleForReading.readDataToEndOfFile()
        gunzip.waitUntilExit()
        #expect(gunzip.terminationStatus == 0)
        return Array(unpacked)
    }

    @Test("Nothing but the page's own files may run in it")
    func policy() throws {
        try withHusk { (server) throws in
            let page = try Client(port: server.port).ask("GET", "/", headers: [Self.browser])
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.hasPrefix("default-src 'none';"))
            #expect(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains("data:"))
            #expect(!page.text.contains(/<script(?![^>]*src=)|<style| style=| on\w+=/))
        }
    }

    @Test("Both languages have words for the same things, with the same values in them")
    func words() throws {
        try withHusk { (server) throws in
            let words = try ["en", "zh"].map { language in
                try #require(try server.ask("GET", "/ui/words.\(language).json").json().members as? [String: String])
            }
            #expect(Set(words[0].keys) == Set(words[1].keys))
            for (name, text) in words[0] {
                let values = [text, words[1][name] ?? ""].map {
                    Set($0.matches(of: /\{\w+\}/).map { String($0.output) })
                }
                #expect(values[0] == values[1], "\(name)")
            }
        }
    }
}
