// What Redis's MONITOR prints.

import Foundation
import KeyStreams
import TestSupport
import Testing

@Suite struct MonitorTests {
    private func operations(_ commands: String...) -> [ReadOperation] {
        let lines = commands.map { "1339518083.107412 [0 127.0.0.1:60866] \($0)\n" }
        let read = ReadStream(lines.joined(), format: .monitor, isStrict: true)
        #expect(read.failure == nil)
        return read.operations.map(\.timeless)
    }

    @Test func `A line has the stream's clock, a database, a client and a command in quotes`() {
        let read = ReadStream(
            """
            OK
            1339518083.107412 [0 127.0.0.1:60866] "set" "key" "value"
            1339518083.5 [15 [::1]:60866] "GET" "key"
            1339518084.000001 [0 unix:/run/redis.sock] "get" "key"
            1339518085 [0 lua] "del" "key"

            """)
        #expect(read.failure == nil)
        #expect(read.tally.format == .monitor)
        #expect(
            read.operations == [
                ReadOperation(.set, "key", 5, .unlimited, at: 1_339_518_083_107_412),
                ReadOperation(.get, "key", at: 1_339_518_083_500_000),
                ReadOperation(.get, "key", at: 1_339_518_084_000_001),
                ReadOperation(.delete, "key", at: 1_339_518_085_000_000),
            ])
    }

    @Test func `A raw connection's lines begin with a plus and end in CR LF`() {
        let read = ReadStream("+OK\r\n+1339518083.1 [0 127.0.0.1:1] \"get\" \"key\"\r\n")
        #expect(read.operations == [ReadOperation(.get, "key", at: 1_339_518_083_100_000)])
        #expect(read.tally.badLines == 0)
    }

    @Test func `Escapes are what they stand for, in keys and in the sizes of values`() {
        #expect(
            operations(#""set" "a\"b\\c\n\r\t\a\b\x00\xfF" "\\\"\x01 \xc3\xa9""#)
                == [ReadOperation(.set, Array("a\"b\\c\n\r\t\u{7}\u{8}\0".utf8) + [0xFF], 6, .unlimited)])
    }

    @Test func `Reads are gets, of each key that a command names`() {
        #expect(
            operations(#""get" "a""#, #""STRLEN" "a""#, #""getrange" "a" "0" "1""#).map(\.kind) == [.get, .get, .get])
        #expect(operations(#""mget" "a" "" "c""#) == ["a", "", "c"].map { ReadOperation(.get, $0) })
        #expect(
            operations(#""getex" "a" "EX" "5""#) == [
                ReadOperation(.get, "a"), ReadOperation(.touch, "a", nil, .milliseconds(5000)),
            ])
    }

    @Test func `Writes are sets with the size of the value and the lifetime that they give`() {
        #expect(operations(#""set" "a" "123" "EX" "10""#) == [ReadOperation(.set, "a", 3, .milliseconds(10_000))])
        #expect(operations(#""set" "a" "123" "NX" "px" "10""#) == [ReadOperation(.set, "a", 3, .milliseconds(10))])
        #expect(operations(#""set" "a" "123" "KEEPTTL" "GET""#) == [ReadOperation(.set, "a", 3, .unchanged)])
        #expect(operations(#""set" "a" "1" "exat" "1339518093""#) == [ReadOperation(.set, "a", 1, .milliseconds(9893))])
        #expect(operations(#""set" "a" "1" "pxat" "1""#) == [ReadOperation(.set, "a", 1, .milliseconds(0))])
        #expect(operations(#""setex" "a" "10" "xy""#) == [ReadOperation(.set, "a", 2, .milliseconds(10_000))])
        #expect(operations(#""psetex" "a" "10" "xy""#) == [ReadOperation(.set, "a", 2, .milliseconds(10))])
        #expect(
            operations(#""mset" "a" "1" "b" "22""#) == [
                ReadOperation(.set, "a", 1, .unlimited), ReadOperation(.set, "b", 2, .unlimited),
            ])
        #expect(operations(#""append" "a" "xyz""#) == [ReadOperation(.append, "a", 3)])
        #expect(operations(#""setrange" "a" "20" "xyz""#) == [ReadOperation(.set, "a", 23)])
        #expect(operations(#""INCRBYFLOAT" "a" "1.5""#) == [ReadOperation(.set, "a")])
    }

    @Test func `Deletes, lifetimes and flushes`() {
        #expect(
            operations(#""del" "a" "b""#, #""unlink" "c""#, #""getdel" "d""#)
                == ["a", "b", "c", "d"].map { ReadOperation(.delete, $0) })
        #expect(
            operations(#""expire" "a" "3""#, #""pexpire" "a" "3""#, #""persist" "a""#)
                == [.milliseconds(3000), .milliseconds(3), .unlimited].map { ReadOperation(.touch, "a", nil, $0) })
        #expect(operations(#""expireat" "a" "1339518084""#) == [ReadOperation(.touch, "a", nil, .milliseconds(893))])
        #expect(
            operations(#""flushall" "ASYNC""#, #""FLUSHDB""#) == [ReadOperation(.clear, ""), ReadOperation(.clear, "")])
    }

    @Test func `Commands on anything but strings are skipped and counted`() {
        let line = "1339518083.1 [0 127.0.0.1:1] "
        let read = ReadStream(
            [#""PING""#, #""lpush" "a" "b""#, #""eval" "return 1" "0""#, #""get" "a""#].map { line + $0 + "\n" }
                .joined())
        #expect(read.operations.count == 1)
        #expect(read.tally.skippedLines == 3)
        #expect(read.tally.badLines == 0)
    }

    @Test(arguments: [
        (#"1339518083.1 [0 127.0.0.1:1] "set" "a" "cut of"#, "a quoted argument has no end"),
        (#"1339518083.1 [0 127.0.0.1:1] "set" "a" "\"#, "a quoted argument has no end"),
        (#"1339518083.1 [0 127.0.0.1:1] "set" "a" "\x4""#, "a quoted argument has no end, or a broken escape"),
        (#"1339518083.1 [0 127.0.0.1:1] "set" "a\q" "b""#, "a quoted argument has no end, or a broken escape"),
        (#"1339518083.1 [0 127.0.0.1:1] "set" "a""#, "the command has no value"),
        (#"1339518083.1 [0 127.0.0.1:1] "mset" "a" "1" "b""#, "the command has no value"),
        (#"1339518083.1 [0 127.0.0.1:1] "setex" "a" "soon" "b""#, "'soon' is no lifetime"),
        (
            #"1339518083.1 [0 127.0.0.1:1] "setex" "a" "99999999999999999999" "b""#,
            "'99999999999999999999' is no lifetime"
        ),
        (#"1339518083.1 [0 127.0.0.1:1] "setrange" "a" "999999999999999" "b""#, "'999999999999999' is no offset"),
        (
            #"1339518083.1 [0 127.0.0.1:1] "setrange" "a" "99999999" "b""#,
            "the value of 100000000 bytes is longer than 1048576"
        ),
        (#"1339518083.1 [0 127.0.0.1:1 "get" "a""#, "expected seconds and [database client]"),
        (#"1339518083.1 0 127.0.0.1:1] "get" "a""#, "expected seconds and [database client]"),
        (#"1339518083.1 [0 127.0.0.1:1] get a"#, "expected seconds and [database client]"),
        (#"1339518083.1 [0 127.0.0.1:1] "get" a"#, "expected a quoted argument"),
        (#"99999999999999999.1 [0 127.0.0.1:1] "get" "a""#, "expected seconds and [database client]"),
    ])
    func `A line that is none says why`(_ line: String, _ reason: String) {
        let read = ReadStream(line, format: .monitor)
        #expect(read.operations.isEmpty)
        #expect(read.tally.firstBadLines == [BadLine(number: 1, reason: reason)])
    }

    @Test func `A stream recorded from a Redis is read without a bad line`() throws {
        let read = ReadStream(MemorySource(try fixture("redis-monitor.txt")), isStrict: true)
        #expect(read.failure == nil)
        #expect(read.tally.format == .monitor)
        #expect(read.tally.badLines == 0)
        // 100 SET, 50 INCR, 5 MSET of ten; 100 GET, of which redis-benchmark sends just these.
        let byBenchmark = read.operations.filter { $0.key.starts(with: "key:".utf8) }
        #expect(byBenchmark.filter { $0.kind == .get }.count == 100)
        #expect(byBenchmark.filter { $0.kind == .set && $0.valueBytes == 3 }.count == 100 + 5 * 10)
        #expect(read.operations.filter { $0.kind == .clear }.count == 1)
        let odd = read.operations.first { $0.key == Array("a\"b\\c".utf8) }
        #expect(odd?.valueBytes == 10)
        #expect(odd?.lifetime == .milliseconds(10_000))
        #expect(read.operations.last?.timeless == ReadOperation(.set, "last", 1, .unlimited))
    }
}

/// A recorded stream (scripts/record-streams).
func fixture(_ name: String) throws -> [UInt8] {
    let file = try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures"))
    return Array(try Data(contentsOf: file))
}
