import Glibc

/// An open file, closed when it is let go of.
package struct FileDescriptor: ~Copyable {
    let number: Int32
    private let isOwned: Bool

    /// - Parameter isOwned: whether to close it.
    init(_ number: Int32, isOwned: Bool = true) {
        self.number = number
        self.isOwned = isOwned
    }

    deinit { if isOwned { close(number) } }

    package static var standardInput: FileDescriptor { FileDescriptor(STDIN_FILENO, isOwned: false) }

    /// Opens a file to read; a terminal does not become the process's own.
    /// - Parameter flags: further ones of `open`.
    static func opening(_ path: String, flags: Int32 = 0) throws(KeyStreamError) -> FileDescriptor {
        var number: Int32
        repeat {
            number = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC | flags)
        } while number < 0 && errno == EINTR
        guard number >= 0 else { throw .cannotOpen(path: path, reason: String(cString: strerror(errno))) }
        return FileDescriptor(number)
    }

    /// What kind of file it is.
    var kind: FileKind {
        var status = stat()
        return fstat(number, &status) == 0 ? FileKind(status) : .other
    }
}

/// What kind of file there is behind a path.
enum FileKind {
    case regular, directory, pipe, other

    init(_ status: stat) {
        self =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFIFO: .pipe
            default: .other
            }
    }
}
