// What the kernel says of this process's memory.

import Glibc

package enum ProcessMemory {
    private static let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
    // Kept open: a read costs one system call. SAFETY: pread on a descriptor is safe from any thread.
    private static let statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)

    /// Bytes of virtual and of resident memory, as `top` shows them (VIRT, RES).
    package static func read() -> (virtualBytes: Int, residentBytes: Int) {
        var text: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
        return withUnsafeMutableBytes(of: &text) { buffer in
            let length = pread(statm, buffer.baseAddress, buffer.count, 0)
            var fields = [0, 0]
            var field = 0
            for byte in buffer.prefix(max(0, length)) {
                if byte == UInt8(ascii: " ") {
                    field += 1
                    if field == 2 { break }
                } else {
                    fields[field] = fields[field] * 10 + Int(byte) - 48
                }
            }
            return (fields[0] * pageBytes, fields[1] * pageBytes)
        }
    }

    /// Resident memory in bytes.
    package static var residentBytes: Int { read().residentBytes }

    /// Resident bytes that were given back with MADV_FREE and that the kernel has not taken yet; nil where it does not say.
    /// It looks at all pages for that: milliseconds for a gigabyte.
    package static var lazyFreeBytes: Int? {
        let file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 4096)
        let length = max(0, Glibc.read(file, &text, text.count))
        let lines = String(decoding: text[..<length], as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("LazyFree:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return kilobytes << 10
    }
}
