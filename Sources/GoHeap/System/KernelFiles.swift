// The kernel's files about this process and its groups: /proc and /sys, or a tree of files made to look like them.

import Glibc

package struct KernelFiles: Sendable {
    /// What stands before each path; empty for the kernel's own.
    private let root: String

    package init(root: String = "") { self.root = root }

    /// The group that the process is in, of each hierarchy.
    var groups: String { text(of: "/proc/self/cgroup") ?? "" }
    /// Where they are mounted.
    var mounts: String { text(of: "/proc/self/mountinfo") ?? "" }

    /// A whole file, up to a mebibyte; nil when it cannot be read.
    func text(of path: String) -> String? {
        let file = open(root + path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = pread(file, &piece, piece.count, off_t(bytes.count))
            if count <= 0 { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
