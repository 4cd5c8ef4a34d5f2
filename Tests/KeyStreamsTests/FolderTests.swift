// Files, and the folder that a server may read.

import Foundation
import KeyStreams
import Testing

@Suite final class FolderTests {
    private let top: String
    private let folder: ReplayFolder

    init() throws {
        top = NSTemporaryDirectory() + "husk-folder-\(UUID().uuidString)"
        let manager = FileManager.default
        try manager.createDirectory(atPath: top + "/streams/inner", withIntermediateDirectories: true)
        for path in ["/streams/a.csv", "/streams/inner/b.csv", "/secret.csv"] {
            try Data("0,a,1,5,15,get,0\n".utf8).write(to: URL(fileURLWithPath: top + path))
        }
        folder = try ReplayFolder(top + "/streams")
    }

    deinit { try? FileManager.default.removeItem(atPath: top) }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(top)/streams/\(name)", withDestinationPath: target)
    }

    private func opens(_ name: String) throws -> Bool {
        ReadStream(try folder.opening(name)).operations.count == 1
    }

    @Test func `Files of the folder and of those in it are opened, by their path from there or from the root`() throws {
        for name in ["a.csv", "./a.csv", "inner/b.csv", "inner/../a.csv", "\(top)/streams/a.csv"] {
            #expect(try opens(name), "\(name)")
        }
    }

    @Test func `A link within the folder is followed, and one that leads out is refused`() throws {
        try link("within", to: "inner/b.csv")
        try link("outside", to: "../secret.csv")
        try link("out", to: "..")
        #expect(try opens("within"))
        for name in ["outside", "out/secret.csv"] {
            #expect(throws: ReplayFolder.Refusal.outside(path: name)) { try folder.opening(name) }
        }
    }

    @Test func `What lies outside is refused alike whether it is there or not`() {
        for name in [
            "../secret.csv", "../nothing.csv", "/etc/passwd", "/no/such/file", "inner/../../secret.csv", "", ".",
            "a\0.csv", "\(top)/streams-2/a.csv",
        ] {
            #expect(throws: ReplayFolder.Refusal.outside(path: name)) { try folder.opening(name) }
        }
    }

    @Test func `What is no regular file is refused, and nobody waits for a FIFO`() throws {
        #expect(mkfifo(top + "/streams/fifo", 0o644) == 0)
        for name in ["inner", "fifo"] {
            let error = KeyStreamError.cannotOpen(path: name, reason: "it is not a regular file")
            #expect(throws: ReplayFolder.Refusal.unreadable(error)) { try folder.opening(name) }
        }
        let error = KeyStreamError.cannotOpen(path: "none.csv", reason: "No such file or directory")
        #expect(throws: ReplayFolder.Refusal.unreadable(error)) { try folder.opening("none.csv") }
    }

    @Test func `A folder that is none is an error`() {
        #expect(throws: KeyStreamError.cannotOpen(path: top + "/secret.csv", reason: "it is no directory")) {
            try ReplayFolder(top + "/secret.csv")
        }
        #expect(throws: KeyStreamError.self) { try ReplayFolder(top + "/none") }
    }

    @Test func `The command line reads any file, and says why it cannot`() throws {
        let stream = try KeyStream(path: top + "/secret.csv")
        var operations: [KeyOperation] = []
        #expect(try stream.next(into: &operations))
        #expect(throws: KeyStreamError.cannotOpen(path: top, reason: "it is a directory")) { try KeyStream(path: top) }
        #expect(throws: KeyStreamError.cannotOpen(path: top + "/none", reason: "No such file or directory")) {
            try KeyStream(path: top + "/none")
        }
    }
}
