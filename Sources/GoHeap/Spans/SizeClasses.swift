// Go's size classes: small objects are rounded up to one of 67 sizes, and each size has spans of its own.
//
// The sizes and the pages of a span are facts of runtime/sizeclasses.go (the 24-byte class came with Go 1.16; nothing
// else has changed from 1.10 to 1.27). They decide every byte count that Husk reports, so they are carried over as they
// stand.

/// The tables that turn a request into a size class, and the limits between the kinds of objects; one per profile.
struct SizeClasses {
    /// Classes of every profile, class 0 (large objects) included. Before Go 1.16 the last one is not used.
    static let count = 68

    /// Bytes of an object of each class since Go 1.16. Class 0 stands for large objects.
    private static let objectBytes: [Int] = [
        0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352,
        384,
        416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688,
        3072,
        3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568,
        14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
    ]

    /// Pages of a span of each class.
    private static let spanPages: [Int] = [
        0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 2,
        1, 2, 1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 4, 5, 6, 1, 7, 6, 5, 4, 3, 5, 7, 2, 9, 7, 5, 8, 3, 10, 7, 4,
    ]

    /// The class of a request of `8 × i` bytes, for every multiple of 8 up to the largest small size.
    let classOfEighth: UnsafePointer<UInt8>
    let bytes: UnsafePointer<Int>
    let pages: UnsafePointer<Int>
    /// The largest request that is still small.
    let smallLimitBytes: Int
    /// Larger small objects with pointers begin with a word that names their type; up to here, pointer bits.
    let bitmapLimitBytes: Int
    /// See `GoProfile.inlineMarkBytes`.
    let inlineMarkBytes: Int
    /// Whether pointer bits lie outside the spans.
    let keepsPointerBitsOutside: Bool

    /// The tables of a profile: made once, kept forever.
    static func of(_ profile: GoProfile) -> SizeClasses { all[profile]! }

    private static let all = Dictionary(
        uniqueKeysWithValues: GoProfile.allCases.map { ($0, SizeClasses($0)) })

    private init(_ profile: GoProfile) {
        var objectBytes = Self.objectBytes
        var spanPages = Self.spanPages
        if !profile.has24ByteClass {
            objectBytes.remove(at: 3)
            spanPages.remove(at: 3)
        }
        let eighths = HeapConstants.maxSmallBytes / 8 + 1
        let classes = UnsafeMutablePointer<UInt8>.allocate(capacity: eighths)
        var sizeClass = 1
        classes[0] = 0
        for eighth in 1..<eighths {
            if eighth * 8 > objectBytes[sizeClass] { sizeClass += 1 }
            classes[eighth] = UInt8(sizeClass)
        }
        classOfEighth = UnsafePointer(classes)
        let bytes = UnsafeMutablePointer<Int>.allocate(capacity: Self.count)
        let pages = UnsafeMutablePointer<Int>.allocate(capacity: Self.count)
        bytes.initialize(repeating: 0, count: Self.count)
        pages.initialize(repeating: 0, count: Self.count)
        bytes.update(from: objectBytes, count: objectBytes.count)
        pages.update(from: spanPages, count: spanPages.count)
        self.bytes = UnsafePointer(bytes)
        self.pages = UnsafePointer(pages)
        keepsPointerBitsOutside = profile.keepsPointerBitsOutside
        smallLimitBytes =
            HeapConstants.maxSmallBytes - (keepsPointerBitsOutside ? 0 : HeapConstants.mallocHeaderBytes)
        bitmapLimitBytes =
            keepsPointerBitsOutside ? HeapConstants.maxSmallBytes : HeapConstants.maxBitmapObjectBytes
        inlineMarkBytes = profile.inlineMarkBytes
    }

    /// The smallest class that holds `byteCount` bytes (1 to 32,768).
    @inline(__always)
    func sizeClass(for byteCount: Int) -> Int {
        Int(classOfEighth[(byteCount &+ 7) &>> 3])
    }

    /// How a span of a class is divided: the bytes for objects, and where pointer bits start, if at its end.
    func division(spanBytes: Int, spanClass: SpanClass, objectBytes: Int) -> (
        usableBytes: Int, hasBitsAtEnd: Bool
    ) {
        if spanClass.isLarge || keepsPointerBitsOutside { return (spanBytes, false) }
        let isInlineSize = objectBytes <= HeapConstants.maxBitmapObjectBytes
        let hasBitsAtEnd = spanClass.hasPointers && isInlineSize
        var usableBytes = spanBytes
        if hasBitsAtEnd { usableBytes -= spanBytes / 64 }
        if isInlineSize && objectBytes >= 16 { usableBytes -= inlineMarkBytes }
        return (usableBytes, hasBitsAtEnd)
    }
}

// SAFETY: the tables are immutable after `init` and are never freed.
extension SizeClasses: @unchecked Sendable {}
