// How the bytes of header values are read. Pure functions, any thread.

extension UnsafeRawBufferPointer {
    /// These bytes without the white space that may follow a value (RFC 9110, section 5.5); the library takes away what
    /// stands before it.
    package var withoutSpaceAtEnd: UnsafeRawBufferPointer {
        var end = count
        while end > 0, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: self[..<end])
    }

    /// Whether one member of this comma-separated list is `token`, in lowercase ASCII.
    func listContains(_ token: StaticString) -> Bool {
        var start = 0
        for end in 0...count where end == count || self[end] == UInt8(ascii: ",") {
            while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
            let member = UnsafeRawBufferPointer(rebasing: self[start..<end])
            if member.withoutSpaceAtEnd.equalsIgnoringCase(token) { return true }
            start = end + 1
        }
        return false
    }

    /// Compares with lowercase ASCII `text`, taking A-Z for a-z.
    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            let byte = self[index]
            let lowercase = (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
            if lowercase != text.utf8Start[index] { return false }
        }
        return true
    }
}
