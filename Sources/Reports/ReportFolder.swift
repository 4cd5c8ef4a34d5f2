// Where a report's files are. A file is written beside the one that it replaces and takes its place when it is whole: a disk
// that fills up, or an end in the middle, leaves the report that was there before.

import Glibc

package struct ReportFolderError: Error, Equatable, CustomStringConvertible {
    package var description: String
}

package struct ReportFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// By which a page is known as a report's.
    static let mark = "<meta name=\"generator\" content=\"husk report\"/>"

    /// Makes the folder, if it is not there, and sees whether a report may be written into it.
    ///
    /// - Parameter evenIfForeign: also when it has files and no report; they stay, but for those with the names of a report's.
    /// - Throws: `ReportFolderError` if it cannot be made, is no folder, cannot be written to, or has other things in it.
    package func prepare(evenIfForeign: Bool) throws(ReportFolderError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw failure("cannot make the folder '\(path)'") }
        let names = try names()
        if !names.isEmpty, !evenIfForeign, !hasReport {
            throw ReportFolderError(
                description: "the folder '\(path)' has other files in it and no report: "
                    + "--output names another, --force writes into this one")
        }
        try write(Report.File(name: Self.trial, text: ""))
        unlink("\(path)/\(Self.trial)")
    }

    /// Writes all files, each at once.
    ///
    /// - Throws: `ReportFolderError` at the first that cannot be written; the others are as they were, or as they are to be.
    package func write(_ files: [Report.File]) throws(ReportFolderError) {
        for file in files { try write(file) }
    }

    private static let trial = ".husk-report"

    private func names() throws(ReportFolderError) -> [String] {
        guard let folder = opendir(path) else { throw failure("cannot read the folder '\(path)'") }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Whether there is a page with the mark in its first bytes.
    private var hasReport: Bool {
        let file = open("\(path)/\(Report.pageName)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = read(file, &bytes, bytes.count)
        return count > 0 && String(decoding: bytes[..<count], as: UTF8.self).contains(Self.mark)
    }

    private func write(_ file: Report.File) throws(ReportFolderError) {
        let whole = "\(path)/\(file.name)"
        let part = "\(path)/.\(file.name).part"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw failure("cannot write '\(whole)'") }
        var isClosed = false
        do throws(ReportFolderError) {
            var bytes = Array(file.text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count < 0 { throw failure("cannot write '\(whole)'") }
                bytes = bytes.dropFirst(count)
            }
            isClosed = true
            if close(descriptor) != 0 { throw failure("cannot write '\(whole)'") }
            if rename(part, whole) != 0 { throw failure("cannot write '\(whole)'") }
        } catch {
            if !isClosed { close(descriptor) }
            unlink(part)
            throw error
        }
    }

    private func failure(_ what: String) -> ReportFolderError {
        ReportFolderError(description: "\(what): \(String(cString: strerror(errno)))")
    }
}
