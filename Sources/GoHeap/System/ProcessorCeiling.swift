// How many processors Go starts with: those that the process may run on, and since Go 1.25 no more than its cgroup's quota of
// CPU time is worth.
//
//     GOMAXPROCS = min(processors, max(2, ⌈quota / period⌉))
//
// A quota of less than two processors counts as two: with one, whatever runs would have to wait for the collector's turn.
// Only the process's own group is asked. A tighter quota of one above it binds too, but Go does not look there, as
// containers seldom can. (Go: runtime/cgroup_linux.go, internal/runtime/cgroup)

import Glibc

package struct ProcessorCeiling: Equatable, Sendable, CustomStringConvertible {
    /// What the cgroup leaves the process of the processors' time.
    package struct Quota: Equatable, Sendable {
        /// Processors; not always a whole number.
        package var processors: Double
        /// Where that is written.
        package var file: String

        package init(processors: Double, file: String) {
            self.processors = processors
            self.file = file
        }
    }

    /// Processors that the process may run on.
    package var installed: Int
    /// Nil where there is none.
    package var quota: Quota?

    /// As it was when the process first asked.
    package static let ofThisProcess = read()

    package static func read(_ files: KernelFiles = KernelFiles()) -> ProcessorCeiling {
        ProcessorCeiling(
            installed: allowedProcessors(files) ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
            quota: readQuota(files))
    }

    package init(installed: Int, quota: Quota? = nil) {
        self.installed = installed
        self.quota = quota
    }

    /// The set that Go asks sched_getaffinity for, which Swift's Glibc leaves out: `Cpus_allowed:\tf,ffffffff`.
    private static func allowedProcessors(_ files: KernelFiles) -> Int? {
        let label = "Cpus_allowed:"
        let line = files.text(of: "/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix(label) }
        let count = line?.dropFirst(label.count).reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
        return count.flatMap { $0 > 0 ? $0 : nil }
    }

    /// GOMAXPROCS as Go 1.25 and later set it.
    package var processorCount: Int {
        guard let quota else { return installed }
        return min(installed, max(2, Int(min(quota.processors.rounded(.up), 1e6))))
    }

    /// Where the number comes from, in words.
    package var description: String {
        guard let quota else { return "the processors that the process may run on, without a quota of a cgroup" }
        let limit = "the cgroup's quota of \(quota.processors) processors in \(quota.file)"
        return processorCount < installed
            ? limit : "the processors that the process may run on; \(limit) is no less"
    }

    /// A hierarchy of v1 that has the processors comes before v2's: they are in one of them only.
    private static func readQuota(_ files: KernelFiles) -> Quota? {
        let directories = CgroupLimits.directories(of: .cpu, groups: files.groups, mounts: files.mounts)
        guard let own = directories.first(where: { !$0.isUnified }) ?? directories.first else { return nil }
        let file = own.isUnified ? "\(own.path)/cpu.max" : "\(own.path)/cpu.cfs_quota_us"
        guard let text = files.text(of: file) else { return nil }
        let processors =
            own.isUnified
            ? processors(inUnified: text)
            : processors(quota: text, period: files.text(of: "\(own.path)/cpu.cfs_period_us") ?? "")
        return processors.map { Quota(processors: $0, file: file) }
    }

    /// v2: `50000 100000`, or `max 100000` for none.
    package static func processors(inUnified text: String) -> Double? {
        let fields = text.prefix { $0 != "\n" }.split(separator: " ")
        guard fields.count == 2, let quota = Int(fields[0]), let period = Int(fields[1]) else { return nil }
        return share(quota, of: period)
    }

    /// v1: a number of microseconds in each of two files; −1 for no quota.
    package static func processors(quota: String, period: String) -> Double? {
        guard let quota = Int(quota.prefix { $0 != "\n" }), let period = Int(period.prefix { $0 != "\n" }) else {
            return nil
        }
        return share(quota, of: period)
    }

    private static func share(_ quota: Int, of period: Int) -> Double? {
        quota >= 0 && period > 0 ? Double(quota) / Double(period) : nil
    }
}
