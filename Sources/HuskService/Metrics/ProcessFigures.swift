// What the kernel says of this process, as Prometheus's process collector reads it from /proc. Any thread.

import Glibc
import HuskLab

struct ProcessFigures: Sendable {
    /// When the process started, seconds since 1970.
    let startTimeSeconds: Double

    init() {
        // Field 22: clock ticks from boot to the start. (man 5 proc_pid_stat)
        let ticks = Self.statField(22).map(Double.init) ?? 0
        let bootSeconds =
            Self.text(of: "/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) } ?? 0
        startTimeSeconds = bootSeconds + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    var threads: Int { Self.statField(20) ?? 0 }

    var openFiles: Int {
        // Since Linux 6.2 the directory's size is the number of its entries; before, it is 0 and they are counted.
        var information = stat()
        if stat("/proc/self/fd", &information) == 0, information.st_size > 0 {
            return Int(information.st_size)
        }
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Less `.`, `..` and the directory itself.
        return max(0, count - 3)
    }

    /// Bytes of IP packets, those of the loopback included. The kernel counts them for the network namespace that the
    /// process is in, so this is the process's own traffic only where it is alone there, as in a container.
    /// (procfs, proc_netstat.go: IpExt's InOctets and OutOctets; client_golang's process collector since 1.20)
    /// - Returns: nil where the kernel does not say.
    var networkBytes: (received: UInt64, sent: UInt64)? {
        let lines = Self.text(of: "/proc/self/net/netstat").split(separator: "\n")
            .filter { $0.hasPrefix("IpExt:") }
            .map { $0.split(separator: " ") }
        guard lines.count == 2, lines[0].count == lines[1].count,
            let received = lines[0].firstIndex(of: "InOctets").flatMap({ UInt64(lines[1][$0]) }),
            let sent = lines[0].firstIndex(of: "OutOctets").flatMap({ UInt64(lines[1][$0]) })
        else { return nil }
        return (received, sent)
    }

    var openFilesLimit: Double { Self.limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue)) }
    var virtualBytesLimit: Double { Self.limit(__rlimit_resource_t(RLIMIT_AS.rawValue)) }

    /// Unlimited is 2^64 − 1, as client_golang has it.
    private static func limit(_ resource: __rlimit_resource_t) -> Double {
        var limit = rlimit()
        getrlimit(resource, &limit)
        return Double(limit.rlim_cur)
    }

    /// A field of /proc/self/stat, counted from 1. The second is the name, which may hold spaces.
    private static func statField(_ number: Int) -> Int? {
        let text = text(of: "/proc/self/stat")
        guard let nameEnd = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        return fields.count > number - 3 ? Int(fields[number - 3]) : nil
    }

    private static func text(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
                count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
            }
            if piece.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece
        }
    }
}
