// Husk's own lines of JSON.

import KeyStreams
import Testing

@Suite struct HuskLineTests {
    @Test func `What an export writes is read as sets`() {
        let read = ReadStream(
            """
            {"key":"k1","value":"hello"}
            {"key":12,"value":-7}
            {"value":{"base64":"/wE="},"key":{"base64":"AP8="}}
            {"key":"flag","value":true}
            {"key":"none","value":{}}

            """)
        #expect(read.tally.format == .ndjson)
        #expect(read.tally.firstBadLines == [])
        #expect(
            read.operations == [
                ReadOperation(.set, "k1", 5, .unlimited), ReadOperation(.set, "12", nil, .unlimited),
                ReadOperation(.set, [0, 0xFF], 2, .unlimited), ReadOperation(.set, "flag", nil, .unlimited),
                ReadOperation(.set, "none", nil, .unlimited),
            ])
    }

    @Test func `A line may name the operation, the time, the size and the lifetime`() {
        let read = ReadStream(
            """
            { "time": 12.5, "op": "get", "key": "a" }
            {"time":13,"op":"set","key":"a","valueBytes":120,"ttl":60}
            {"op":"append","key":"a","valueBytes":5}
            {"op":"touch","key":"a","ttl":0.25}
            {"op":"delete","key":"a"}
            {"op":"clear"}
            """)
        #expect(read.tally.firstBadLines == [])
        #expect(
            read.operations == [
                ReadOperation(.get, "a", at: 12_500_000),
                ReadOperation(.set, "a", 120, .milliseconds(60_000), at: 13_000_000),
                ReadOperation(.append, "a", 5), ReadOperation(.touch, "a", nil, .milliseconds(250)),
                ReadOperation(.delete, "a"), ReadOperation(.clear, ""),
            ])
    }

    @Test func `Escapes are what they stand for`() {
        let read = ReadStream(#"{"key":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00é","value":"\u0000"}"#)
        #expect(read.operations == [ReadOperation(.set, "\"\\/\u{8}\u{C}\n\r\tAé€😀é", 1, .unlimited)])
    }

    @Test(arguments: [
        (#"{"key":"a","value":"b""#, "not the JSON of an operation: expected ','"),
        (#"{"key":"a"#, "a string has no end"),
        (#"{"key":"\"#, "a string has no end"),
        (#"{"key":"\ud83d"}"#, "half of a surrogate pair"),
        (#"{"key":"\u12g4"}"#, "expected four hexadecimal digits"),
        (#"{"key":"\x"}"#, "there is no such escape in JSON"),
        ("{\"key\":\"a\tb\"}", "a control character must be escaped"),
        (#"{"key":{"base64":"AP8"}}"#, "base64 without its padding"),
        (#"{"key":{"base64":"A*8="}}"#, "not base64"),
        (#"{"key":{"hex":"00"}}"#, "expected base64 in the braces"),
        (#"{"key":[1]}"#, "expected a string, base64 or a whole number"),
        (#"{"key":"a"} {"key":"b"}"#, "a line holds one JSON object, and this goes on after it"),
        (#"{"value":"b"}"#, "expected a JSON object with key"),
        (#"{"op":"steal","key":"a"}"#, "'steal' is none of get, set, append, delete, touch, clear"),
        (#"{"key":"a","color":1}"#, "'color' is not a field of an operation"),
        (#"{}"#, "expected a JSON object with key"),
        (#"{"#, "not the JSON of an operation: expected '\"'"),
        (#"{"key":"#, "the line ends in the middle"),
    ])
    func `A line that is none says why`(_ line: String, _ reason: String) {
        let read = ReadStream(line, format: .ndjson)
        #expect(read.operations.isEmpty)
        #expect(read.tally.firstBadLines == [BadLine(number: 1, reason: reason)])
    }
}
