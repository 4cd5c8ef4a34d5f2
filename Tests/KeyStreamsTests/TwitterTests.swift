// The CSV of Twitter's cache traces.

import KeyStreams
import Testing

@Suite struct TwitterTests {
    @Test func `A row has a timestamp, a key, two sizes, a client, an operation and a TTL`() {
        let read = ReadStream(
            """
            0,nz:u:eeW511W3dcH3de3d15ec,22,1123,7,get,0
            0,nz:u:eeW511W3dcH3de3d15ec,22,0,7,gets,0
            1,q:q:1:8WTfjZU14ee,20,27,15,set,86400
            1,a,1,5,15,add,0
            1,a,1,5,15,replace,30
            1,a,1,5,15,cas,30
            2,a,1,5,15,append,30
            2,a,1,5,15,prepend,30
            3,a,1,8,15,incr,0
            3,a,1,8,15,decr,0
            604800,a,1,0,15,delete,0

            """)
        #expect(read.failure == nil)
        #expect(read.tally.format == .twitter)
        #expect(
            read.operations == [
                ReadOperation(.get, "nz:u:eeW511W3dcH3de3d15ec", 1123, at: 0),
                ReadOperation(.get, "nz:u:eeW511W3dcH3de3d15ec", nil, at: 0),
                ReadOperation(.set, "q:q:1:8WTfjZU14ee", 27, .milliseconds(86_400_000), at: 1_000_000),
                ReadOperation(.set, "a", 5, .unlimited, at: 1_000_000),
                ReadOperation(.set, "a", 5, .milliseconds(30_000), at: 1_000_000),
                ReadOperation(.set, "a", 5, .milliseconds(30_000), at: 1_000_000),
                ReadOperation(.append, "a", 5, at: 2_000_000),
                ReadOperation(.append, "a", 5, at: 2_000_000),
                ReadOperation(.set, "a", nil, at: 3_000_000),
                ReadOperation(.set, "a", nil, at: 3_000_000),
                ReadOperation(.delete, "a", nil, at: 604_800_000_000),
            ])
    }

    @Test(arguments: [
        (#"0,a,b,,c,6,1,7,get,0"#, "a,b,,c"),
        (#"0,"a,b",3,1,7,get,0"#, "a,b"),
        (#"0,"say ""a,b""",9,1,7,get,0"#, #"say "a,b""#),
        (#"0,"a",3,1,7,get,0"#, #""a""#),
        (#"0,",1,1,7,get,0"#, "\""),
        (#"0,"""",1,1,7,get,0"#, "\""),
        (#"0,,0,1,7,get,0"#, ""),
    ])
    func `A key may hold commas, in quotes or not, and quotes of its own`(_ row: String, _ key: String) {
        #expect(ReadStream(row, isStrict: true).operations == [ReadOperation(.get, key, 1, at: 0)])
    }

    @Test(arguments: [
        ("0,a,1,5,15,get", "expected seven fields with commas between them"),
        ("0,a,1,get,0", "expected seven fields with commas between them"),
        ("soon,a,1,5,15,get,0", "expected a timestamp in seconds and a comma"),
        ("-1,a,1,5,15,get,0", "expected a timestamp in seconds and a comma"),
        ("0,a,1,5,15,get,later", "the TTL is not a number of seconds"),
        ("0,a,1,5,15,set,9999999999999999", "the TTL is not a number of seconds"),
        ("0,a,1,-5,15,get,0", "the value size is not a number of bytes"),
        ("0,a,one,5,15,get,0", "the key size is not a number of bytes"),
        ("0,a,1,5,15,steal,0", "there is no such operation as 'steal'"),
        ("0,a,1,1048577,15,set,0", "the value of 1048577 bytes is longer than 1048576"),
    ])
    func `A row that is none says why`(_ row: String, _ reason: String) {
        let read = ReadStream(row, format: .twitter)
        #expect(read.operations.isEmpty)
        #expect(read.tally.firstBadLines == [BadLine(number: 1, reason: reason)])
    }
}
