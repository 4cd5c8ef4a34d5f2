// How much memory this process can have at most: the machine's, or what its cgroups leave of that.

import Glibc

package struct MemoryCeiling: Equatable, Sendable, CustomStringConvertible {
    package var bytes: Int
    /// The file that sets it; nil when it is the machine's memory.
    package var cgroupFile: String?

    /// As it was when the process first asked.
    package static let ofThisProcess = read()

    /// The lesser of the machine's memory and the least limit of the process's cgroups.
    package static func read() -> MemoryCeiling {
        let installed = Int(sysconf(Int32(_SC_PHYS_PAGES))) * OperatingSystem.physicalPageBytes
        var ceiling = MemoryCeiling(bytes: installed)
        let groups = text(of: "/proc/self/cgroup") ?? ""
        let mounts = text(of: "/proc/self/mountinfo") ?? ""
        for file in CgroupLimits.files(groups: groups, mounts: mounts) {
            if let limit = text(of: file).flatMap(CgroupLimits.bytes(in:)), limit < ceiling.bytes {
                ceiling = MemoryCeiling(bytes: limit, cgroupFile: file)
            }
        }
        return ceiling
    }

    /// Where it comes from, in words.
    package var description: String {
        cgroupFile.map { "the cgroup limit in \($0)" } ?? "the machine's memory"
    }

    /// A whole file, up to a mebibyte; nil when it cannot be read.
    private static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
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
