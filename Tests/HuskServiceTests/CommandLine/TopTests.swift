import Foundation
import HuskService
import TestSupport
import Testing

@Suite("husk top", .enabled(if: HuskBinary.url != nil))
struct TopTests {
    @Test("Once: one screen of 80 columns and 24 rows without any control character, in the locale's letters")
    func once() throws {
        // Slowly enough that the insert is on the screen for half a minute.
        try withHusk(samplePeriodMilliseconds: 500) { (server) throws in
            #expect(try eventually { try server.timeline().column("len").count > 0 })
            try server.post("/map/insert", #"{"count": 5000}"#)
            #expect(try eventually { try server.newestSample()["len"] == 5000 })
            let url = "http://127.0.0.1:\(server.port)"
            let locales = ["C.UTF-8": true, "en_US.utf8": true, "C": false, "de_DE.ISO-8859-1": false]
            for (locale, hasBlocks) in locales {
                let top = try HuskBinary.run("top", url, "--once", environment: ["LC_ALL": locale])
                #expect(top.status == 0 && top.errors.isEmpty, "\(top)")
                let lines = top.output.split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count <= 25 && lines.allSatisfy { $0.count <= 80 })
                #expect(lines[0].hasPrefix("husk top   \(url)   Go 1.23   each 500ms"))
                #expect(top.output.contains("█") == hasBlocks)
                #expect(top.output.utf8.allSatisfy { $0 < 0x80 } == !hasBlocks)
                #expect(top.output.contains { "▁.".contains($0) })
                #expect(!top.output.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
                #expect(lines.contains { $0.contains("len") && $0.contains("5,000") })
                #expect(lines.contains { $0.hasPrefix("events") && ($0.contains("i") || $0.contains("*")) })
                #expect(lines.contains { $0.contains("insert") && $0.contains("127.0.0.1:") })
            }
        }
    }

    @Test("The server is named with or without a scheme, or by the environment")
    func address() throws {
        try withHusk { (server) throws in
            #expect(try eventually { try server.timeline().column("len").count > 0 })
            #expect(try HuskBinary.run("top", "127.0.0.1:\(server.port)", "--once").status == 0)
            #expect(try HuskBinary.run("top", "--once", environment: ["HUSK_PORT": "\(server.port)"]).status == 0)
        }
        let wrong = try HuskBinary.run("top", "ftp://x", "--once")
        #expect(wrong.status == 64 && wrong.errorLines == 1)
    }

    @Test("Once and as JSON: one object with every figure")
    func onceAsJSON() throws {
        try withHusk { (server) throws in
            #expect(try eventually { try server.timeline().column("len").count > 0 })
            let top = try HuskBinary.run("top", "127.0.0.1:\(server.port)", "--once", "--json")
            #expect(top.status == 0 && top.output.split(separator: "\n").count == 1)
            let sample = try #require(
                try JSONSerialization.jsonObject(with: Data(top.output.utf8)) as? [String: Any])
            #expect(sample["HeapAlloc"] is Int && sample["len"] as? Int == 0 && sample["bytes.total"] is Int)
        }
    }

    @Test("A server that is not there, or is no Husk, is one line and status 1")
    func noServer() throws {
        for arguments in [["top", "127.0.0.1:1", "--once"], ["top", "127.0.0.1:1", "--once", "--json"]] {
            let top = try HuskBinary.run(arguments)
            #expect(top.status == 1 && top.errorLines == 1 && top.output.isEmpty)
        }
        try withHusk { (server) throws in
            let top = try HuskBinary.run("top", "127.0.0.1:\(server.port)/nowhere", "--once")
            #expect(top.status == 1 && top.errors.contains("status 404"))
        }
    }

    @Test("Where the output is no terminal, each sample and mark is a line, until SIGTERM")
    func lines() throws {
        try withHusk(samplePeriodMilliseconds: 20) { (server) throws in
            let (process, output, _) = try HuskBinary.start(["top", "127.0.0.1:\(server.port)"])
            defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
            var text = try HuskBinary.readLog(output, until: "HeapAlloc ")
            try server.post("/map/nil")
            text += try HuskBinary.readLog(output, until: " nil ")
            kill(process.processIdentifier, SIGTERM)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 && !$0.contains("\u{1B}") })
        }
    }

    @Test("As JSON each event is an object of its own, and when the server is gone and back, they go on")
    func goneAndBack() throws {
        var port = 0
        var watching: (Process, Pipe, Pipe)?
        defer { if let process = watching?.0, process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        _ = try HuskBinary.serve(["--timeline-period", "20ms"]) { first in
            port = first
            watching = try HuskBinary.start(["top", "127.0.0.1:\(port)", "--json"])
            _ = try HuskBinary.readLog(watching!.1, until: "{\"sample\":")
        }
        #expect(try HuskBinary.readLog(watching!.2, until: "trying again").split(separator: "\n").count == 1)
        let (server, _, errors) = try HuskBinary.start(["serve", "--port", "\(port)", "--timeline-period", "20ms"])
        defer {
            kill(server.processIdentifier, SIGTERM)
            server.waitUntilExit()
        }
        _ = try HuskBinary.readLog(errors, until: " serves a ")
        _ = try Client(port: port).ask("POST", "/map/nil")
        let lines = try HuskBinary.readLog(watching!.1, until: "\"kind\":\"nil\"").split(separator: "\n")
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["sample"] != nil || object?["mark"] != nil)
        }
    }

    @Test("What a client writes cannot reach the terminal as a control sequence")
    func controlSequences() throws {
        try withHusk { (server) throws in
            #expect(try eventually { try server.timeline().column("len").count > 0 })
            let body = "{\"gogc\":\t50}\u{9}"
            #expect(try server.ask("PATCH", "/runtime", body: body).status == 200)
            let top = try HuskBinary.run(
                "top", "127.0.0.1:\(server.port)", "--once", environment: ["LC_ALL": "C.UTF-8"])
            #expect(top.output.contains("settings") && top.output.contains(#"{"gogc": 50}"#))
            #expect(!top.output.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
        }
    }

    @Test("On a terminal it takes the screen, draws it, and gives it back with q")
    func screen() throws {
        try withHusk(samplePeriodMilliseconds: 20) { (server) throws in
            let pair = try Pseudoterminal(columns: 80, rows: 24)
            let process = try HuskBinary.start(
                ["top", "127.0.0.1:\(server.port)"], on: pair, environment: ["TERM": "xterm", "LANG": "C.UTF-8"])
            defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
            let start = try pair.read(until: "HeapAlloc")
            #expect(start.contains("\u{1B}[?1049h\u{1B}[?25l"))
            try server.post("/map/nil")
            _ = try pair.read(until: "nil  ")
            pair.type("q")
            let end = try pair.read(until: "\u{1B}[?1049l")
            #expect(end.contains("\u{1B}[?25h"))
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }
}

/// A terminal that the test is the user of.
final class Pseudoterminal {
    let side: FileHandle
    private let user: Int32

    // What posix_openpt and its like do, which Swift's Glibc leaves out: TIOCSPTLCK, TIOCGPTN.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    init(columns: UInt16, rows: UInt16) throws {
        user = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (isLocked, number) = (Int32(0), Int32(0))
        guard user >= 0, ioctl(user, Self.setLock, &isLocked) == 0, ioctl(user, Self.getNumber, &number) == 0 else {
            throw ClientFailure(description: "no pseudoterminal: \(String(cString: strerror(errno)))")
        }
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(user, UInt(TIOCSWINSZ), &size)
        side = FileHandle(fileDescriptor: open("/dev/pts/\(number)", O_RDWR | O_NOCTTY), closeOnDealloc: true)
    }

    deinit { close(user) }

    func type(_ keys: String) { _ = write(user, keys, keys.utf8.count) }

    /// Reads what is shown until there is `mark`; within ten seconds.
    func read(until mark: String) throws -> String {
        var text = ""
        for _ in 0..<100 {
            var polled = pollfd(fd: user, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 100) > 0 else { continue }
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            let count = Glibc.read(user, &piece, piece.count)
            if count <= 0 { break }
            text += String(decoding: piece[..<count], as: UTF8.self)
            if text.contains(mark) { return text }
        }
        throw ClientFailure(description: "no \(mark) in: \(text.suffix(2000))")
    }
}

extension HuskBinary {
    /// Starts it with a terminal for input and output.
    fileprivate static func start(
        _ arguments: [String], on terminal: Pseudoterminal, environment: [String: String]
    ) throws -> Process {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardInput = terminal.side
        process.standardOutput = terminal.side
        process.standardError = terminal.side
        try process.run()
        return process
    }
}
