// Lines, whatever pieces they come in, and bad ones.

import KeyStreams
import TestSupport
import Testing

@Suite struct LineTests {
    private static let row = "0,a,1,5,15,get,0"

    @Test(arguments: [1, 2, 3, 7, 64, 4096])
    func `A stream is the same in pieces of any size`(_ pieceBytes: Int) throws {
        for bytes in [
            try fixture("redis-monitor.txt"), gzipped(try fixture("memcached-watch.txt")), zstandard(twitterRows(500)),
        ] {
            let whole = ReadStream(MemorySource(bytes))
            let pieces = ReadStream(TricklingSource(bytes, pieceBytes: pieceBytes))
            #expect(whole.operations == pieces.operations)
            #expect(whole.tally == pieces.tally)
            #expect(whole.failure == nil && pieces.failure == nil)
        }
    }

    @Test func `The last line may lack its end, and empty lines are nothing`() {
        let read = ReadStream("\n\(Self.row)\r\n\r\n\(Self.row)")
        #expect(read.operations.count == 2)
        #expect(read.tally.lines == 4)
        #expect(read.tally.badLines == 0)
    }

    @Test func `A stream cut in the middle of a line has one bad line, and the others are read`() {
        let read = ReadStream("\(Self.row)\n\(Self.row)\n0,a,1,5,1")
        #expect(read.operations.count == 2)
        #expect(read.tally.firstBadLines.map(\.number) == [3])
        #expect(read.failure == nil)
    }

    @Test func `Bad lines are counted, and the first ten are shown with number and reason`() {
        let read = ReadStream(Self.row + "\n" + String(repeating: "0,a,1,5,15,steal,0\n", count: 25) + Self.row)
        #expect(read.operations.count == 2)
        #expect(read.tally.badLines == 25)
        #expect(read.tally.firstBadLines.map(\.number) == Array(2...11))
        #expect(read.tally.firstBadLines.allSatisfy { $0.reason == "there is no such operation as 'steal'" })
    }

    @Test func `A strict reader stops at the first bad line, after those before it`() {
        let read = ReadStream("\(Self.row)\n\(Self.row)\nrubbish\n\(Self.row)\n", isStrict: true)
        #expect(read.operations.count == 2)
        #expect(read.failure == .badLine(BadLine(number: 3, reason: "expected a timestamp in seconds and a comma")))
    }

    @Test func `A line that is bad half-way does nothing`() {
        let read = ReadStream("1.5 [0 a:1] \"mset\" \"a\" \"1\" \"b\" \"2\" \"c\"\n1.5 [0 a:1] \"get\" \"a\"\n")
        #expect(read.operations.map(\.kind) == [.get])
        #expect(read.tally.badLines == 1)
    }

    @Test(arguments: [10_000_000, KeyStream.lineBytes + 1])
    func `A line over the limit is bad, and the ones around it are read`(_ byteCount: Int) {
        let long = "0,\(String(repeating: "x", count: byteCount - 14)),1,5,1,get,0"
        for end in ["\n\(Self.row)\n", "\n", ""] {
            let read = ReadStream(Self.row + "\n" + long + end)
            #expect(read.operations.count == (end.count > 1 ? 2 : 1))
            #expect(read.tally.firstBadLines == [BadLine(number: 2, reason: "longer than 8388608 bytes")])
        }
    }

    @Test func `A long line within the limit is read, and bad for its key alone`() {
        let key = String(repeating: "x", count: KeyStream.keyBytes)
        let read = ReadStream("0,\(key),1,5,15,get,0\n0,\(key)x,1,5,15,get,0\n\(Self.row)\n")
        #expect(read.operations.map(\.key.count) == [KeyStream.keyBytes, 1])
        #expect(read.tally.firstBadLines == [BadLine(number: 2, reason: "the key of 65537 bytes is longer than 65536")])
        let value = String(repeating: "\\x00", count: KeyStream.valueBytes)
        let monitor = ReadStream("1.5 [0 a:1] \"set\" \"k\" \"\(value)\"\n")
        #expect(monitor.operations.map(\.valueBytes) == [KeyStream.valueBytes])
    }

    @Test func `An empty stream is an error`() {
        #expect(ReadStream("").failure == .empty)
        #expect(ReadStream(MemorySource(gzipped([]))).failure == .empty)
        #expect(ReadStream(MemorySource(zstandard([]))).failure == .empty)
    }

    @Test func `A stream of no known format is an error after a hundred lines, or at its end`() {
        #expect(ReadStream(String(repeating: "to be or not\n", count: 1000)).failure == .unknownFormat(lines: 100))
        #expect(ReadStream("to be or not\n").failure == .unknownFormat(lines: 1))
        let late = ReadStream(String(repeating: "# a comment\n", count: 99) + Self.row)
        #expect(late.failure == nil)
        #expect(late.operations.count == 1)
        #expect(late.tally.badLines == 99)
    }

    @Test func `Binary bytes are no stream, and do no harm to one`() {
        var random = SeededGenerator(seed: 7)
        let rubbish = (0..<1_000_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for format in [nil] + KeyStreamFormat.allCases.map(Optional.some) {
            let read = ReadStream(MemorySource([0] + rubbish), format: format)
            #expect(read.operations.isEmpty)
            if format == nil { #expect(read.failure == .unknownFormat(lines: 100)) }
        }
    }

    @Test func `Lines of every format with a byte changed are read or bad, and nothing else`() throws {
        let good = [
            try fixture("redis-monitor.txt"), try fixture("memcached-watch.txt"), twitterRows(300),
            Array(#"{"time":1.5,"op":"set","key":"\u0041b","value":{"base64":"AP8="},"ttl":6}"#.utf8) + [0x0A],
        ]
        for (bytes, format) in zip(good, [KeyStreamFormat.monitor, .memcached, .twitter, .ndjson]) {
            for seed in 1...200 as ClosedRange<UInt64> {
                var random = SeededGenerator(seed: seed)
                var changed = bytes
                for _ in 0..<max(1, bytes.count / 200) {
                    changed[Int(random.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: random.next())
                }
                let read = ReadStream(MemorySource(changed), format: format)
                #expect(read.failure == nil, "seed \(seed)")
                #expect(read.tally.operations == read.operations.count, "seed \(seed)")
            }
        }
    }
}
