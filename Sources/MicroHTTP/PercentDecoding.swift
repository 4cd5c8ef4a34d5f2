// Strict percent-decoding of raw bytes (RFC 3986, section 2.1). Pure functions, any thread.

/// A `%` that two hexadecimal digits do not follow.
package struct PercentDecodingError: Error, Equatable, Sendable {
    /// Offset in bytes of the `%` in the raw text.
    package var offset: Int
}

extension UnsafeRawBufferPointer {
    /// Decodes every `%XX` of these bytes, `%00` included; `+` is a plus sign.
    /// - Parameter destination: at least `count` bytes; may be these same bytes, since decoding never grows.
    /// - Returns: how many bytes were written.
    /// - Throws: `PercentDecodingError` at the first broken escape; `destination` then holds rubbish.
    package func percentDecode(
        into destination: UnsafeMutableRawBufferPointer
    ) throws(PercentDecodingError) -> Int {
        precondition(destination.count >= count, "\(destination.count) bytes cannot hold \(count)")
        var read = 0
        var written = 0
        while read < count {
            let byte = self[read]
            if byte != UInt8(ascii: "%") {
                destination[written] = byte
                read += 1
            } else {
                guard read + 2 < count, let high = hexadecimalValue(self[read + 1]),
                    let low = hexadecimalValue(self[read + 2])
                else { throw PercentDecodingError(offset: read) }
                destination[written] = high << 4 | low
                read += 3
            }
            written += 1
        }
        return written
    }

    /// Decodes into a new array: for paths that are not hot.
    /// - Throws: `PercentDecodingError` at the first broken escape.
    package func percentDecoded() throws(PercentDecodingError) -> [UInt8] {
        var failure: PercentDecodingError?
        let decoded = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            do throws(PercentDecodingError) {
                initializedCount = try percentDecode(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return decoded
    }
}

/// The value of one hexadecimal digit, either case.
func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
