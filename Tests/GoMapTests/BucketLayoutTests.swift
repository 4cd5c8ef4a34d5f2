import GoMap
import Testing

/// The expected figures are Go 1.23.9's. They come from this program's `abi.OldMapType`, read through
/// `unsafe` from the type word of an `any` that holds the map: `BucketSize`, `KeySize`, `ValueSize`, and
/// the set bits of `Bucket.GCData` below `Bucket.PtrBytes / 8`. Run with `go run .`, Go 1.23.9,
/// linux/amd64.
@Suite struct BucketLayoutTests {
    static let layouts: [(type: String, bytes: Int, key: Int, value: Int, words: [Int])] = [
        ("map[int]int", 144, 8, 8, []),
        ("map[int32]int32", 80, 4, 4, []),
        ("map[int32]*int32", 112, 4, 8, Array(5...13)),
        ("map[int64][128]byte", 1104, 8, 128, []),
        ("map[int64][129]byte", 144, 8, 8, Array(9...17)),
        ("map[string]string", 272, 16, 16, Array(stride(from: 1, through: 31, by: 2)) + [33]),
        ("map[string][]byte", 336, 16, 24, [1, 3, 5, 7, 9, 11, 13, 15, 17, 20, 23, 26, 29, 32, 35, 38, 41]),
        ("map[string]int", 208, 16, 8, [1, 3, 5, 7, 9, 11, 13, 15, 25]),
        ("map[uint64]bool", 88, 8, 1, []),
        ("map[int64]struct{}", 80, 8, 0, []),
        ("map[[3]byte]uint8", 48, 3, 1, []),
        ("map[[0]byte]struct{}", 16, 0, 0, []),
        ("map[[128]byte]int32", 1072, 128, 4, []),
        ("map[[129]byte]struct{}", 80, 8, 0, Array(1...9)),
        ("map[[200]byte]*string", 144, 8, 8, Array(1...17)),
        ("map[uint32]uint8", 56, 4, 1, []),
        ("map[string][200]byte", 208, 16, 8, [1, 3, 5, 7, 9, 11, 13, 15] + Array(17...25)),
        ("map[[16]byte]*[16]byte", 208, 16, 8, Array(17...25)),
        ("map[string]bool", 152, 16, 1, [1, 3, 5, 7, 9, 11, 13, 15, 18]),
        ("map[int][]byte", 272, 8, 24, [9, 12, 15, 18, 21, 24, 27, 30, 33]),
    ]

    @Test("Buckets are laid out as Go's compiler lays them out", arguments: layouts)
    func layout(type: String, bytes: Int, key: Int, value: Int, words: [Int]) throws {
        let made = MapType.interned(try MapTypeName(parsing: type)).pointee
        #expect(made.bucketByteCount == bytes)
        #expect(made.keySlotByteCount == key)
        #expect(made.valueSlotByteCount == value)
        let bucket = made.bucketObjectType.pointee
        #expect(bucket.byteCount == bytes)
        #expect(
            (0..<bucket.pointerBytes / 8).filter { bucket.mask[$0 / 64] >> UInt64($0 % 64) & 1 != 0 } == words
        )
        #expect(made.bucketHasPointers == !words.isEmpty)
    }

    @Test("The fast functions are those that Go's compiler chooses")
    func fastPaths() throws {
        func path(_ type: String) throws -> MapFastPath {
            MapType.interned(try MapTypeName(parsing: type)).pointee.fastPath
        }
        #expect(try path("map[int]int") == .fast64)
        #expect(try path("map[uint32]bool") == .fast32)
        #expect(try path("map[[4]byte]bool") == .fast32)
        #expect(try path("map[[8]byte][]byte") == .fast64)
        #expect(try path("map[string]int") == .fastString)
        #expect(try path("map[[16]byte]int") == .general)
        #expect(try path("map[int][128]byte") == .fast64)
        #expect(try path("map[int][129]byte") == .general)
    }

    @Test("A type has one descriptor")
    func interning() throws {
        let name = try MapTypeName(parsing: "map[string]int")
        #expect(MapType.interned(name) == MapType.interned(key: .string, value: .int))
    }
}
