// gzip and Zstandard, whole, in several parts, cut off, broken.

import KeyStreams
import TestSupport
import Testing

@Suite struct PackingTests {
    private static let rows = 20_000

    private static func packed(_ packing: Packing) -> [UInt8] {
        packing == .gzip ? gzipped(twitterRows(rows)) : zstandard(twitterRows(rows))
    }

    @Test(arguments: [Packing.gzip, .zstd])
    func `How a stream is packed is seen by its first bytes`(_ packing: Packing) {
        let read = ReadStream(MemorySource(Self.packed(packing)))
        #expect(read.failure == nil)
        #expect(read.tally.packing == packing)
        #expect(read.operations.count == Self.rows)
        #expect(read.operations.last?.key == Array("key:\(Self.rows - 1)".utf8))
    }

    @Test(arguments: [Packing.gzip, .zstd])
    func `Several packed one after the other are one stream, lines across their seams included`(_ packing: Packing) {
        let rows = twitterRows(100)
        let pack = packing == .gzip ? gzipped : { zstandard($0) }
        let parts = pack(Array(rows[..<1001])) + pack([]) + pack(Array(rows[1001...]))
        let read = ReadStream(MemorySource(parts))
        #expect(read.failure == nil)
        #expect(read.operations == ReadStream(MemorySource(rows)).operations)
    }

    @Test func `Zeros that fill the last block of a gzip are nothing`() {
        let read = ReadStream(MemorySource(gzipped(twitterRows(10)) + [UInt8](repeating: 0, count: 500)))
        #expect(read.failure == nil)
        #expect(read.operations.count == 10)
    }

    @Test func `A frame to be skipped is skipped`() {
        let skipped: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let read = ReadStream(MemorySource(skipped + zstandard(twitterRows(10)) + skipped))
        #expect(read.failure == nil)
        #expect(read.operations.count == 10)
    }

    @Test(arguments: [Packing.gzip, .zstd])
    func `One that is cut off is read as far as it goes, and then says where it ends`(_ packing: Packing) {
        let packed = Self.packed(packing)
        // What a packing holds of its last block comes out when the block is whole.
        let cut = packing == .gzip ? packed.count - 10 : packed.count - 4
        let read = ReadStream(MemorySource(Array(packed[..<cut])))
        #expect(read.failure == .truncated(packing, offset: cut))
        #expect(read.operations.count > Self.rows / 2)
        #expect(read.failure?.description == "the \(packing.rawValue) ends in the middle, at byte \(cut)")
        for cut in [3, 5, 10, 17] {
            let read = ReadStream(MemorySource(Array(packed[..<cut])))
            let isPlain = packing == .zstd && cut < 4
            #expect(read.failure == (isPlain ? .unknownFormat(lines: 1) : .truncated(packing, offset: cut)))
        }
    }

    @Test(arguments: [Packing.gzip, .zstd])
    func `One that is broken is read as far as it is good, and then says where it is not`(_ packing: Packing) throws {
        var packed = Self.packed(packing)
        // The checksum, which is the last but for gzip's length.
        packed[packed.count - (packing == .gzip ? 8 : 4)] ^= 1
        let read = ReadStream(MemorySource(packed))
        guard case .broken(packing, let offset, _) = try #require(read.failure) else {
            Issue.record("\(read.failure!)")
            return
        }
        // libzstd tells no more than in which piece of 16 KiB.
        #expect(offset <= packed.count && offset > packed.count - (packing == .gzip ? 9 : 16 << 10))
        #expect(read.operations.count > Self.rows / 2)
    }

    @Test(arguments: [Packing.gzip, .zstd])
    func `What follows a packed stream and is none is an error`(_ packing: Packing) throws {
        let packed = Self.packed(packing)
        let read = ReadStream(MemorySource(packed + Array("and so on".utf8)))
        guard case .broken(packing, packed.count, _) = try #require(read.failure) else {
            Issue.record("\(read.failure!)")
            return
        }
        #expect(read.operations.count == Self.rows)
    }

    @Test(arguments: [Packing.gzip, .zstd], 1...100)
    func `One with bytes changed is broken, or read`(_ packing: Packing, _ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var packed = packing == .gzip ? gzipped(twitterRows(2000)) : zstandard(twitterRows(2000))
        for _ in 0..<3 {
            packed[4 + Int(random.next() % UInt64(packed.count - 4))] = UInt8(truncatingIfNeeded: random.next())
        }
        let read = ReadStream(TricklingSource(packed, pieceBytes: 1000))
        switch read.failure {
        case .broken(packing, let offset, _), .truncated(packing, let offset): #expect(offset <= packed.count)
        case nil, .unknownFormat: break
        case let failure: Issue.record("seed \(seed): \(failure!)")
        }
    }

    @Test func `A frame that reaches back further than the reader's memory is refused in words`() throws {
        let read = ReadStream(MemorySource(zstandard(twitterRows(100), windowLog: 27)))
        let failure = try #require(read.failure)
        #expect(
            failure.description.hasSuffix(
                "it needs more than 32 MiB to unpack: pack it with zstd -19, or with --long=25 at most"))
        #expect(ReadStream(MemorySource(zstandard(twitterRows(100), windowLog: 25))).operations.count == 100)
    }

    @Test(arguments: [Packing.gzip, .zstd])
    func `A bomb is a long bad line`(_ packing: Packing) {
        let zeros = [UInt8](repeating: 0, count: 64 << 20)
        let bomb = packing == .gzip ? gzipped(zeros) : zstandard(zeros)
        #expect(bomb.count < 1 << 20)
        let read = ReadStream(MemorySource(bomb))
        #expect(read.tally.firstBadLines == [BadLine(number: 1, reason: "longer than 8388608 bytes")])
        #expect(read.failure == .unknownFormat(lines: 1))
    }
}
