// Files that hold streams: any that the command line names, and those in a folder that a server may read.

import Glibc

extension KeyStream {
    /// Opens a file, FIFO or terminal; `-` is standard input.
    package convenience init(
        path: String, format: KeyStreamFormat? = nil, isStrict: Bool = false
    ) throws(KeyStreamError) {
        let descriptor = path == "-" ? FileDescriptor.standardInput : try FileDescriptor.opening(path)
        if descriptor.kind == .directory { throw .cannotOpen(path: path, reason: "it is a directory") }
        try self.init(DescriptorSource(descriptor), format: format, isStrict: isStrict)
    }
}

/// The folder whose files a server may replay.
package struct ReplayFolder: Sendable {
    package enum Refusal: Error, Equatable, Sendable {
        /// Not in the folder, wherever it is.
        case outside(path: String)
        case unreadable(KeyStreamError)
    }

    /// Its real path: no link, no `..`.
    private let path: String

    /// - Throws: `KeyStreamError.cannotOpen` when it is no folder.
    package init(_ path: String) throws(KeyStreamError) {
        guard let real = Self.realPath(path) else {
            throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        var status = stat()
        guard stat(real, &status) == 0, FileKind(status) == .directory else {
            throw .cannotOpen(path: path, reason: "it is no directory")
        }
        self.path = real
    }

    /// Opens a regular file of the folder, or of one in it.
    ///
    /// - Parameter name: its path from the folder on, or from the root.
    /// - Throws: `outside` without a look at what is there, or when a link leads out; `unreadable` for what is there and is no
    ///   file to read, or is not there.
    package func opening(_ name: String) throws(Refusal) -> DescriptorSource {
        let wanted = name.hasPrefix("/") ? name : path + "/" + name
        guard !name.utf8.contains(0), contains(Self.withoutDots(wanted)) else { throw .outside(path: name) }
        guard let real = Self.realPath(wanted) else {
            throw .unreadable(.cannotOpen(path: name, reason: String(cString: strerror(errno))))
        }
        guard contains(real) else { throw .outside(path: name) }
        // Not opened before it is known to be a file: to open a device may do something.
        var status = stat()
        guard stat(real, &status) == 0, FileKind(status) == .regular else { throw notRegular(name) }
        let descriptor = try Self.opening(real)
        guard descriptor.kind == .regular else { throw notRegular(name) }
        // Somebody may have put a link in its place meanwhile: the kernel knows what was opened.
        guard let opened = Self.realPath("/proc/self/fd/\(descriptor.number)"), contains(opened) else {
            throw .outside(path: name)
        }
        return DescriptorSource(descriptor)
    }

    private static func opening(_ path: String) throws(Refusal) -> FileDescriptor {
        do throws(KeyStreamError) {
            // Without waiting, should it be a FIFO by now.
            return try FileDescriptor.opening(path, flags: O_NONBLOCK)
        } catch {
            throw .unreadable(error)
        }
    }

    private func contains(_ file: String) -> Bool { file.hasPrefix(path == "/" ? "/" : path + "/") }

    private func notRegular(_ name: String) -> Refusal {
        .unreadable(.cannotOpen(path: name, reason: "it is not a regular file"))
    }

    /// The path without `.` and `..`, read as words: nobody learns whether what lies outside is there.
    private static func withoutDots(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// - Returns: nil with `errno` set when there is none.
    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
