/// A size class together with whether its objects may hold pointers: `class << 1 | noscan` (Go: `spanClass`).
/// Objects with and without pointers never share a span, so that the collector can skip the latter whole.
struct SpanClass: Equatable {
    private let bits: UInt8
    @inline(__always) var raw: Int { Int(bits) }

    static let count = SizeClasses.count * 2
    /// The class whose blocks the tiny allocator cuts up: 16 bytes without pointers.
    static let tiny = SpanClass(sizeClass: 2, hasPointers: false)

    init(raw: Int) { bits = UInt8(raw) }

    @inline(__always)
    init(sizeClass: Int, hasPointers: Bool) {
        bits = UInt8(truncatingIfNeeded: sizeClass &<< 1 | (hasPointers ? 0 : 1))
    }

    @inline(__always) var sizeClass: Int { raw &>> 1 }
    @inline(__always) var hasPointers: Bool { raw & 1 == 0 }
    @inline(__always) var isLarge: Bool { raw < 2 }
}
