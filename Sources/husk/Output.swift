// What the command prints. A full disk or a closed stdout is an error: an empty file must not look like success.

import Glibc

enum Output {
    /// Writes all of it to stdout.
    static func write(_ text: String) throws(Failure) { try write(bytes: Array(text.utf8)) }

    /// Writes all of it to stdout.
    static func write(bytes: [UInt8]) throws(Failure) {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(
                    description: "cannot write to standard output: \(String(cString: strerror(errno)))")
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
