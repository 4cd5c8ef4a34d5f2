import Foundation
import Reports
import Testing

@Suite("The folder of a report")
struct ReportFolderTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "husk-report-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func names(_ path: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: path))
    }

    private let files = report([run("none", rss: 100, points: [(0, 10), (1, 12)])]).files

    @Test("It is made, and has a file for each part; a report that is there is replaced")
    func made() throws {
        try withFolder { path in
            let folder = ReportFolder(path: path)
            for _ in 0..<2 {
                try folder.prepare(evenIfForeign: false)
                try folder.write(files)
            }
            #expect(
                try names(path) == [
                    "report.html", "report.md", "data.csv", "rss.svg", "heap-alloc.svg", "retained.svg", "len.svg",
                ])
            #expect(try String(contentsOfFile: path + "/report.html", encoding: .utf8) == files[0].text)
        }
    }

    @Test("A folder with other files is left alone, unless it is asked for; then they stay")
    func foreign() throws {
        try withFolder { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            // A page of somebody else's, by chance of the same name.
            try "<html>mine</html>".write(toFile: path + "/report.html", atomically: false, encoding: .utf8)
            try "x".write(toFile: path + "/notes.txt", atomically: false, encoding: .utf8)
            let folder = ReportFolder(path: path)
            let error = #expect(throws: ReportFolderError.self) { try folder.prepare(evenIfForeign: false) }
            #expect(error?.description.contains("--force") == true)
            #expect(try names(path) == ["report.html", "notes.txt"])
            try folder.prepare(evenIfForeign: true)
            try folder.write(files)
            #expect(try names(path).count == files.count + 1)
            try folder.prepare(evenIfForeign: false)
        }
    }

    @Test("What is no folder, has no folder above it or cannot be written to is refused before anything runs")
    func unusable() throws {
        try withFolder { path in
            for path in [path + "/a/b", "/dev/null", "/dev/null/x", "/proc/husk", ""] {
                #expect(throws: ReportFolderError.self, "\(path)") {
                    try ReportFolder(path: path).prepare(evenIfForeign: true)
                }
            }
        }
    }

    @Test("A disk that is full leaves the file that was there before, and no part of the new one")
    func fullDisk() throws {
        try withFolder { path in
            let folder = ReportFolder(path: path)
            try folder.prepare(evenIfForeign: false)
            try folder.write(files)
            // Where the new page is written to, before it takes the old one's place.
            try FileManager.default.createSymbolicLink(
                atPath: path + "/.report.html.part", withDestinationPath: "/dev/full")
            let other = report([run("copy", rss: 1)]).files
            let error = #expect(throws: ReportFolderError.self) { try folder.write(other) }
            #expect(error?.description.hasSuffix("/report.html': No space left on device") == true)
            #expect(try String(contentsOfFile: path + "/report.html", encoding: .utf8) == files[0].text)
            #expect(try names(path).count == files.count)
        }
    }
}
