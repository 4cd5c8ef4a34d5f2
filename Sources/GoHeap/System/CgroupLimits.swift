// Which files hold the limits on this process, of its memory and of its processors' time: cgroup v1 and v2, nested, in a
// namespace of its own or not.
//
// /proc/self/cgroup says where the process is in each hierarchy, /proc/self/mountinfo where hierarchies are mounted and
// which part of them:
//
//     4:memory:/docker/c0ffee                                                              the process's group
//     35 31 0:32 /docker /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory       root and mount point
//
//     mount point + (group − root)  =  /sys/fs/cgroup/memory/c0ffee
//
// A group's limit binds its descendants too, so every group from there up to the mount point counts. What is above the
// mount cannot be seen. Pure functions over text; nobody here reads a file. (man 7 cgroups, man 5 proc)

package enum CgroupLimits {
    /// What a group limits.
    package enum Controller: String, Sendable { case memory, cpu }

    /// A directory of a group that the process is in.
    package struct Directory: Equatable, Sendable {
        package var path: String
        /// Whether it is v2's.
        package var isUnified: Bool
    }

    /// The files that may hold a limit on memory, from the process's own group up to the top of each mount. Not all need
    /// exist.
    ///
    /// - Parameters:
    ///   - groups: what /proc/self/cgroup says.
    ///   - mounts: what /proc/self/mountinfo says.
    package static func files(groups: String, mounts: String) -> [String] {
        directories(of: .memory, groups: groups, mounts: mounts).map {
            "\($0.path)/\($0.isUnified ? "memory.max" : "memory.limit_in_bytes")"
        }
    }

    /// The directories of the process's groups that may limit something, from its own group up to the top of each mount.
    package static func directories(of controller: Controller, groups: String, mounts: String) -> [Directory] {
        let groups = groups.split(separator: "\n").compactMap { Group($0, controller) }
        var found: [Directory] = []
        for mount in mounts.split(separator: "\n").compactMap({ Mount($0, controller) }) {
            for group in groups where group.isUnified == mount.isUnified {
                found += directories(of: group.path, in: mount).map {
                    Directory(path: $0, isUnified: mount.isUnified)
                }
            }
        }
        return found
    }

    /// The limit in a file's text, in bytes; nil for none: `max`, or a number that stands for it.
    package static func bytes(in text: String) -> Int? {
        let line = text.prefix { $0 != "\n" }
        // v1 writes LONG_MAX rounded down to a page where there is no limit.
        guard let bytes = Int(line), bytes > 0, bytes < Int.max - (1 << 20) else { return nil }
        return bytes
    }

    /// The group's directory and those above it, within the mount.
    private static func directories(of group: String, in mount: Mount) -> [String] {
        let root = mount.root == "/" ? "" : mount.root
        var inside = ""
        // A group outside of what is mounted (another namespace's names, say): what is mounted is the best there is.
        if group.hasPrefix(root + "/"), !group.contains("/..") {
            inside = String(group.dropFirst(root.count))
        }
        var directories: [String] = []
        while let slash = inside.lastIndex(of: "/") {
            if inside != "/" { directories.append(mount.point + inside) }
            inside = String(inside[..<slash])
        }
        return directories + [mount.point]
    }

    /// One line of /proc/self/cgroup that concerns a controller.
    private struct Group {
        let isUnified: Bool
        let path: String

        init?(_ line: Substring, _ controller: Controller) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            isUnified = fields[0] == "0" && fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains(Substring(controller.rawValue)) else {
                return nil
            }
            path = String(fields[2])
        }
    }

    /// One line of /proc/self/mountinfo that mounts a hierarchy with a controller's limits.
    private struct Mount {
        let isUnified: Bool
        let root: String
        let point: String

        init?(_ line: Substring, _ controller: Controller) {
            // A number of optional fields stand before the dash.
            let fields = line.split(separator: " ")
            guard let dash = fields.dropFirst(6).firstIndex(of: "-"), fields.count > dash + 3 else {
                return nil
            }
            isUnified = fields[dash + 1] == "cgroup2"
            let hasController =
                fields[dash + 1] == "cgroup"
                && fields[dash + 3].split(separator: ",").contains(Substring(controller.rawValue))
            guard isUnified || hasController else { return nil }
            root = Self.unescaped(fields[3])
            point = Self.unescaped(fields[4])
        }

        /// Space, tab, line feed and backslash come as `\` and three octal digits.
        private static func unescaped(_ text: Substring) -> String {
            var bytes: [UInt8] = []
            var rest = Substring(text).utf8
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\\"), let code = UInt8(String(rest.prefix(3)) ?? "", radix: 8) {
                    bytes.append(code)
                    rest = rest.dropFirst(3)
                } else {
                    bytes.append(byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
