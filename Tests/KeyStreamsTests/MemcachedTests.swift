// What memcached prints to watchers.

import KeyStreams
import TestSupport
import Testing

@Suite struct MemcachedTests {
    private func operations(_ fields: String...) -> [ReadOperation] {
        let read = ReadStream(
            fields.map { "ts=1700000000.565146 gid=3 \($0)\n" }.joined(), format: .memcached, isStrict: true)
        #expect(read.failure == nil)
        return read.operations.map(\.timeless)
    }

    @Test func `A line names what was done by fields`() {
        let read = ReadStream(
            """
            OK\r
            ts=1700000000.565146 gid=3 type=item_store key=foo status=stored cmd=set ttl=60 clsid=1 cfd=25 size=3
            ts=1700000000.565148 gid=4 type=item_get key=foo status=found clsid=1 cfd=25 size=3

            """)
        #expect(read.tally.format == .memcached)
        #expect(read.tally.badLines == 0)
        #expect(
            read.operations == [
                ReadOperation(.set, "foo", 3, .milliseconds(60_000), at: 1_700_000_000_565_146),
                ReadOperation(.get, "foo", 3, at: 1_700_000_000_565_148),
            ])
    }

    @Test func `Keys are percent-encoded`() {
        #expect(
            operations("type=item_get key=a%25b%2cc%3D%FF%00 status=not_found clsid=0 cfd=25 size=0")
                == [ReadOperation(.get, Array("a%b,c=".utf8) + [0xFF, 0])])
    }

    @Test func `The size of a miss is not known, and a store that failed wrote nothing`() {
        #expect(operations("type=item_get key=a status=flushed clsid=0 cfd=25 size=0") == [ReadOperation(.get, "a")])
        #expect(operations("type=item_store key=a status=not_stored cmd=add ttl=0 clsid=1 cfd=1 size=1").isEmpty)
        #expect(
            operations("type=item_store key=a status=stored cmd=append ttl=0 clsid=1 cfd=1 size=7")
                == [ReadOperation(.set, "a", 7, .unlimited)])
    }

    @Test func `Deletions and evictions are deletes, and anything else is skipped`() {
        #expect(operations("type=deleted key=a cmd=delete clsid=1 cfd=26 size=3") == [ReadOperation(.delete, "a")])
        #expect(operations("type=eviction key=a fetch=yes ttl=-1 la=2 clsid=1 size=3") == [ReadOperation(.delete, "a")])
        #expect(operations("type=conn_new rip=127.0.0.1 rport=1 transport=tcp cfd=3").isEmpty)
        #expect(ReadStream("[skipped: 12]\n", format: .memcached).tally.skippedLines == 1)
    }

    @Test(arguments: [
        ("ts=x gid=3 type=item_get key=a", "expected ts= and seconds"),
        ("ts=1.5 gid=3 type=item_get", "expected key="),
        ("ts=1.5 gid=3 key=a", "expected type="),
        ("ts=1.5 gid=3 type=item_get key=a%2", "the key has a broken percent escape"),
        ("ts=1.5 gid=3 type=item_get key=a%zz", "the key has a broken percent escape"),
        ("ts=1.5 gid=3 type=item_get key", "expected name=value"),
        ("ts=1.5 gid=3 type=item_store key=a status=stored ttl=-7 size=1", "the ttl is not a number of seconds"),
        ("ts=1.5 gid=3 type=item_store key=a status=stored ttl=1 size=many", "the size is not a number of bytes"),
    ])
    func `A line that is none says why`(_ line: String, _ reason: String) {
        let read = ReadStream(line, format: .memcached)
        #expect(read.operations.isEmpty)
        #expect(read.tally.firstBadLines == [BadLine(number: 1, reason: reason)])
    }

    @Test func `A stream recorded from a memcached is read without a bad line`() throws {
        let read = ReadStream(MemorySource(try fixture("memcached-watch.txt")), isStrict: true)
        #expect(read.failure == nil)
        #expect(read.tally.format == .memcached)
        #expect(read.tally.badLines == 0)
        let keys = read.operations.filter { $0.key.starts(with: "key:".utf8) }
        // 60 clients' sets, an append, a prepend and a replace; an add and a cas wrote nothing.
        #expect(keys.filter { $0.kind == .set }.count == 63)
        #expect(read.operations.contains { $0.kind == .set && $0.key == Array("a%b,c=".utf8) && $0.valueBytes == 3 })
        #expect(read.operations.contains { $0.kind == .get && $0.key == [0x68, 0xFF, 0x01, 0xC3] })
        #expect(read.operations.last?.timeless == ReadOperation(.set, "last", 1, .unlimited))
    }
}
