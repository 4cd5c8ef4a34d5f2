/// A line's own bytes in a message about them: at most 40, in quotes, and `?` for those that are not printable ASCII.
func echoed(_ bytes: UnsafeRawBufferPointer) -> String {
    let limit = 40
    let shown = bytes.prefix(limit).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    return "'\(String(decoding: shown, as: UTF8.self))\(bytes.count > limit ? "…" : "")'"
}
