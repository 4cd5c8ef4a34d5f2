import Foundation
import GoHeap
import Testing

/// The kernel's files as they are in real setups, made up in a folder.
private struct FileTree: ~Copyable {
    let root = FileManager.default.temporaryDirectory.appending(path: "husk-tree-\(UUID().uuidString)")

    init(_ files: KeyValuePairs<String, String>) throws {
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    var files: KernelFiles { KernelFiles(root: root.path(percentEncoded: false)) }
}

@Suite("Limits of a cgroup, read from a tree of files") struct CgroupTreeTests {
    private static let v2Mount = "41 31 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
    private static let v1Mounts = """
        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct

        """
    private static let mebibyte = 1 << 20

    /// A status that allows the first so many processors.
    private static func allowed(_ count: Int) -> String {
        "Name:\thusk\nCpus_allowed:\t\(String(1 << count - 1, radix: 16))\nCpus_allowed_list:\t0-\(count - 1)\n"
    }

    @Test("v2: the least limit of the process's group and those above it counts, and its file is named")
    func nestedMemory() throws {
        for (own, parent, expected, file) in [
            ("67108864", "33554432", 32, "/sys/fs/cgroup/pod/memory.max"),
            ("33554432", "67108864", 32, "/sys/fs/cgroup/pod/app/memory.max"),
            ("max", "50331648", 48, "/sys/fs/cgroup/pod/memory.max"),
        ] {
            let tree = try FileTree([
                "proc/self/cgroup": "0::/pod/app\n", "proc/self/mountinfo": Self.v2Mount,
                "sys/fs/cgroup/pod/app/memory.max": own + "\n",
                "sys/fs/cgroup/pod/memory.max": parent + "\n",
            ])
            let ceiling = MemoryCeiling.read(tree.files)
            #expect(ceiling == MemoryCeiling(bytes: expected * Self.mebibyte, cgroupFile: file))
            #expect(ceiling.description == "the cgroup limit in \(file)")
        }
    }

    @Test("v1: the same in the memory hierarchy, where no limit is a very large number")
    func memoryOfV1() throws {
        let tree = try FileTree([
            "proc/self/cgroup": "5:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n",
            "proc/self/mountinfo": Self.v1Mounts,
            "sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/docker/memory.limit_in_bytes": "134217728\n",
        ])
        let file = "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes"
        #expect(MemoryCeiling.read(tree.files) == MemoryCeiling(bytes: 128 * Self.mebibyte, cgroupFile: file))
    }

    @Test("Without a cgroup's limit the machine's memory is the ceiling")
    func noLimit() throws {
        let tree = try FileTree(["proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.v2Mount])
        let ceiling = MemoryCeiling.read(tree.files)
        #expect(ceiling.cgroupFile == nil && ceiling.bytes > 1 << 26)
        #expect(ceiling.description == "the machine's memory")
    }

    @Test(
        "v2: GOMAXPROCS is the quota's worth rounded up, two at least, never more than there are",
        arguments: [
            ("150000 100000", 8, 2), ("250000 100000", 8, 3), ("300000 100000", 8, 3), ("50000 100000", 8, 2),
            ("50000 100000", 1, 1), ("1600000 100000", 8, 8), ("max 100000", 8, 8), ("", 8, 8),
            ("100000", 8, 8), ("100000 0", 8, 8), ("17592186044416 1000", 8, 8),
        ])
    func processors(text: String, installed: Int, expected: Int) throws {
        let tree = try FileTree([
            "proc/self/cgroup": "0::/pod/app\n", "proc/self/mountinfo": Self.v2Mount,
            "sys/fs/cgroup/pod/app/cpu.max": text + "\n", "proc/self/status": Self.allowed(installed),
        ])
        #expect(ProcessorCeiling.read(tree.files).processorCount == expected)
    }

    @Test("The process's own group is asked, not those above it, as Go does")
    func ownGroup() throws {
        let tree = try FileTree([
            "proc/self/cgroup": "0::/pod/app\n", "proc/self/mountinfo": Self.v2Mount,
            "sys/fs/cgroup/pod/app/cpu.max": "600000 100000\n", "sys/fs/cgroup/pod/cpu.max": "200000 100000\n",
            "proc/self/status": Self.allowed(8),
        ])
        let ceiling = ProcessorCeiling.read(tree.files)
        #expect(ceiling.processorCount == 6)
        #expect(ceiling.quota == .init(processors: 6, file: "/sys/fs/cgroup/pod/app/cpu.max"))
        #expect(
            ceiling.description
                == "the cgroup's quota of 6.0 processors in /sys/fs/cgroup/pod/app/cpu.max")
    }

    @Test(
        "v1: quota and period are two files, and −1 is no quota",
        arguments: [("350000", "100000", 4), ("-1", "100000", 8), ("350000", "", 8), ("x", "100000", 8)])
    func processorsOfV1(quota: String, period: String, expected: Int) throws {
        let tree = try FileTree([
            "proc/self/cgroup": "5:memory:/a\n4:cpu,cpuacct:/a\n0::/elsewhere\n",
            "proc/self/mountinfo": Self.v1Mounts + Self.v2Mount,
            "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": quota + "\n",
            "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": period + "\n",
            // v1 has the processors, so what v2 says of them is not asked.
            "sys/fs/cgroup/elsewhere/cpu.max": "200000 100000\n", "proc/self/status": Self.allowed(8),
        ])
        #expect(ProcessorCeiling.read(tree.files).processorCount == expected)
    }

    @Test("Where v1 has only the memory, v2 has the processors")
    func hybrid() throws {
        let tree = try FileTree([
            "proc/self/cgroup": "5:memory:/a\n0::/u\n",
            "proc/self/mountinfo":
                "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "sys/fs/cgroup/unified/u/cpu.max": "300000 100000\n", "proc/self/status": Self.allowed(8),
        ])
        #expect(ProcessorCeiling.read(tree.files).processorCount == 3)
    }

    @Test("Processors are those that the process may run on, of machines with more than 32 too")
    func affinity() throws {
        for (mask, expected) in [("3", 2), ("00000000,80000001", 2), ("ffff,ffffffff,ffffffff", 80)] {
            let tree = try FileTree(["proc/self/status": "Cpus_allowed:\t\(mask)\nMems_allowed:\tff\n"])
            #expect(ProcessorCeiling.read(tree.files) == ProcessorCeiling(installed: expected))
        }
        let none = try FileTree(["proc/self/status": "Name:\thusk\n"])
        #expect(ProcessorCeiling.read(none.files).installed >= 1)
    }

    @Test("Go reads the quota from 1.25 on, so of the releases here only 1.27 does")
    func byDefault() {
        for profile in GoProfile.allCases {
            #expect(profile.readsProcessorQuota == (profile == .go1_27))
            #expect(RuntimeSettings(profile: profile).maxProcs >= 1)
        }
        #expect(ProcessorCeiling.ofThisProcess.installed >= ProcessorCeiling.ofThisProcess.processorCount)
    }
}
