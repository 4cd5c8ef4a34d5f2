import GoHeap
import Testing

/// Which files hold the limits on a process's memory, from what the kernel says of real setups.
@Suite struct CgroupLimitsTests {
    private static let v1 = "/sys/fs/cgroup/memory"
    private static let v1Mount =
        "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory"
    private static let v2Mount =
        "41 31 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec - cgroup2 cgroup2 rw,nsdelegate"
    private static let noise = """
        23 1 0:21 / / rw,relatime - ext4 /dev/root rw
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu

        """

    @Test("v1: the memory hierarchy's group and all above it")
    func v1() {
        let files = CgroupLimits.files(
            groups: "5:cpu,cpuacct:/elsewhere\n4:memory:/a/b\n1:name=systemd:/\n",
            mounts: Self.noise + Self.v1Mount)
        #expect(files == ["/a/b", "/a", ""].map { "\(Self.v1)\($0)/memory.limit_in_bytes" })
    }

    @Test("v1: controllers mounted together, as in memory,hugetlb")
    func v1Together() {
        let files = CgroupLimits.files(
            groups: "4:hugetlb,memory:/a", mounts: "35 31 0:32 / /cg/hm rw - cgroup none rw,hugetlb,memory")
        #expect(files == ["/cg/hm/a/memory.limit_in_bytes", "/cg/hm/memory.limit_in_bytes"])
    }

    @Test("v2: a service of systemd's, its slices, and the root")
    func v2() {
        let files = CgroupLimits.files(
            groups: "0::/system.slice/system-husk.slice/husk@1.service\n", mounts: Self.noise + Self.v2Mount)
        #expect(
            files
                == [
                    "/system.slice/system-husk.slice/husk@1.service", "/system.slice/system-husk.slice",
                    "/system.slice", "",
                ].map { "/sys/fs/cgroup\($0)/memory.max" })
    }

    @Test("Hybrid: both hierarchies are looked at, each for its own file")
    func hybrid() {
        let files = CgroupLimits.files(
            groups: "4:memory:/m\n0::/u\n",
            mounts: Self.v1Mount + "\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n")
        #expect(
            files == [
                "\(Self.v1)/m/memory.limit_in_bytes", "\(Self.v1)/memory.limit_in_bytes",
                "/sys/fs/cgroup/unified/u/memory.max", "/sys/fs/cgroup/unified/memory.max",
            ])
    }

    @Test("In a namespace of its own the process's group is the root of what is mounted")
    func namespace() {
        #expect(CgroupLimits.files(groups: "0::/\n", mounts: Self.v2Mount) == ["/sys/fs/cgroup/memory.max"])
        // Groups within the namespace are there as anywhere.
        #expect(
            CgroupLimits.files(groups: "0::/job\n", mounts: Self.v2Mount)
                == ["/sys/fs/cgroup/job/memory.max", "/sys/fs/cgroup/memory.max"])
    }

    @Test(
        "A container without a namespace: the part of the hierarchy that is mounted is taken off the group's name"
    )
    func mountedPart() {
        let mount = "700 690 0:32 /docker/c0ffee /sys/fs/cgroup/memory ro master:9 - cgroup cgroup rw,memory"
        #expect(
            CgroupLimits.files(groups: "4:memory:/docker/c0ffee\n", mounts: mount)
                == ["\(Self.v1)/memory.limit_in_bytes"])
        #expect(
            CgroupLimits.files(groups: "4:memory:/docker/c0ffee/inner\n", mounts: mount)
                == ["\(Self.v1)/inner/memory.limit_in_bytes", "\(Self.v1)/memory.limit_in_bytes"])
    }

    @Test(
        "A group that the mount does not show: what is mounted is all that can be read",
        arguments: ["/docker/c0ffee2", "/../other", "/docker"])
    func groupOutsideTheMount(group: String) {
        let mount = "700 690 0:32 /docker/c0ffee /cg rw - cgroup cgroup rw,memory"
        #expect(
            CgroupLimits.files(groups: "4:memory:\(group)\n", mounts: mount) == ["/cg/memory.limit_in_bytes"])
    }

    @Test("Spaces and backslashes in mount points come escaped; colons in groups do not")
    func odd() {
        let mount = #"41 31 0:26 / /my\040c\134g rw - cgroup2 cgroup2 rw"#
        #expect(
            CgroupLimits.files(groups: "0::/a:b c\n", mounts: mount)
                == [#"/my c\g/a:b c/memory.max"#, #"/my c\g/memory.max"#])
    }

    @Test(
        "Without cgroups, or with lines that are no such lines, there is no file",
        arguments: [
            ("", ""), ("4:memory:/a", ""), ("", v1Mount), ("4:memory", "1 2 3 - cgroup2"),
            ("5:cpu:/a", v1Mount),
        ])
    func none(groups: String, mounts: String) {
        #expect(CgroupLimits.files(groups: groups, mounts: mounts).isEmpty)
    }

    @Test(
        "A limit is a number of bytes; max and v1's greatest number are none",
        arguments: [
            ("1073741824\n", 1_073_741_824), ("4096", 4096), ("max\n", nil), ("9223372036854771712\n", nil),
            ("9223372036854775807", nil), ("", nil), ("0\n", nil), ("-1", nil),
        ])
    func limits(text: String, bytes: Int?) {
        #expect(CgroupLimits.bytes(in: text) == bytes)
    }

    @Test("This process's ceiling is above what it uses")
    func thisProcess() {
        #expect(MemoryCeiling.ofThisProcess.bytes > 4 << 20)
    }
}
