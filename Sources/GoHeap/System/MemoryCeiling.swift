// How much memory this process can have at most: the machine's, or what its cgroups leave of that.

import Glibc

package struct MemoryCeiling: Equatable, Sendable, CustomStringConvertible {
    package var bytes: Int
    /// The file that sets it; nil when it is the machine's memory.
    package var cgroupFile: String?

    package init(bytes: Int, cgroupFile: String? = nil) {
        self.bytes = bytes
        self.cgroupFile = cgroupFile
    }

    /// As it was when the process first asked.
    package static let ofThisProcess = read()

    /// The lesser of the machine's memory and the least limit of the process's cgroups.
    package static func read(_ files: KernelFiles = KernelFiles()) -> MemoryCeiling {
        let installed = Int(sysconf(Int32(_SC_PHYS_PAGES))) * OperatingSystem.physicalPageBytes
        var ceiling = MemoryCeiling(bytes: installed)
        for file in CgroupLimits.files(groups: files.groups, mounts: files.mounts) {
            if let limit = files.text(of: file).flatMap(CgroupLimits.bytes(in:)), limit < ceiling.bytes {
                ceiling = MemoryCeiling(bytes: limit, cgroupFile: file)
            }
        }
        return ceiling
    }

    /// - Parameter percent: 100 or less.
    package func bytes(percent: Int) -> Int { bytes / 100 * percent + bytes % 100 * percent / 100 }

    /// Where it comes from, in words.
    package var description: String {
        cgroupFile.map { "the cgroup limit in \($0)" } ?? "the machine's memory"
    }
}
