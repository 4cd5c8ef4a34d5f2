import Foundation

/// The process's resident set in bytes, from the kernel.
func residentBytes() -> Int {
    let text = try! String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return Int(text.split(separator: " ")[1])! * Int(sysconf(Int32(_SC_PAGESIZE)))
}
