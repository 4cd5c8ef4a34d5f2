// What a client may put on the wire, and the right answer to it, from RFC 9110 and RFC 9112 and the contract. The forms
// say nothing of how the server reads them; WireFormTests.swift sends them to Husk, ProxyTests.swift to a proxy before it.

import Testing

/// Some bytes of a client, behind which its next request (`WireForm.next`) follows at once.
struct WireForm: CustomTestStringConvertible, Sendable {
    var name: String
    var wire: [UInt8]
    /// The statuses of the answers, in order; `HEAD` before one that has no body.
    var answers: [String]
    /// Whether the connection goes on, so that the next request is answered too. If not, it never is.
    var goesOn: Bool
    var testDescription: String { name }

    static let next = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"

    private init(_ name: String, _ wire: [UInt8], _ answers: String, goesOn: Bool) {
        self.name = name
        self.wire = wire
        self.answers = answers.split(separator: ", ").map(String.init)
        self.goesOn = goesOn
    }

    /// Served, and the connection goes on.
    static func served(_ name: String, _ wire: String, _ answers: String = "200") -> Self {
        Self(name, Array(wire.utf8), answers, goesOn: true)
    }

    /// Served, and the connection is closed.
    static func last(_ name: String, _ wire: String, _ answers: String = "200") -> Self {
        Self(name, Array(wire.utf8), answers, goesOn: false)
    }

    /// Refused, and the connection is closed.
    static func refused(_ name: String, _ wire: String, _ answers: String = "400") -> Self {
        Self(name, Array(wire.utf8), answers, goesOn: false)
    }

    static func refused(_ name: String, bytes: [UInt8]) -> Self { Self(name, bytes, "400", goesOn: false) }

    static let all =
        requestLines + targets + versions + hosts + fields + lengths + codings + chunks + trailers
        + expectations
        + connectionOptions + pipelines + heads

    // MARK: Pieces

    private static func line(_ line: String) -> String { "\(line)\r\nHost: x\r\n\r\n" }
    private static func get(_ headers: String) -> String {
        "GET /version HTTP/1.1\r\nHost: x\r\n\(headers)\r\n"
    }
    private static func host(_ host: String) -> String { "GET /version HTTP/1.1\r\nHost: \(host)\r\n\r\n" }
    /// The map holds the key `s`, so a PUT that goes through is a 204.
    private static func put(_ headers: String, _ body: String = "hello") -> String {
        "PUT /map/keys/s HTTP/1.1\r\nHost: x\r\n\(headers)\r\n\(body)"
    }
    private static func chunked(_ body: String) -> String { put("Transfer-Encoding: chunked\r\n", body) }

    // MARK: RFC 9112, section 3

    private static let requestLines: [Self] = [
        .served("the plainest request", next),
        .served("an empty line before the request", "\r\n" + next),
        .served("two empty lines before the request", "\r\n\r\n" + next),
        .served("an unknown method", line("BREW /version HTTP/1.1"), "405"),
        .served("a method in lowercase, which is another", line("get /version HTTP/1.1"), "405"),
        .served("a method of every token character", line("A0!#$%&'*+-.^_`|~ /version HTTP/1.1"), "405"),
        .refused("a method with @", line("G@T /version HTTP/1.1")),
        .refused("a method with a colon", line("GET: /version HTTP/1.1")),
        .refused("NUL in the method", line("GE\0T /version HTTP/1.1")),
        .refused("NUL after the method", line("GET\0 /version HTTP/1.1")),
        .refused("NUL after HEAD, whose answer would have a body", line("HEAD\0 /version HTTP/1.1")),
        .refused("a space before the method", line(" GET /version HTTP/1.1")),
        .refused("a tab before the method", line("\tGET /version HTTP/1.1")),
        .refused("CR before the method", line("\rGET /version HTTP/1.1")),
        .refused("no method", line(" /version HTTP/1.1")),
        .refused("two spaces after the method", line("GET  /version HTTP/1.1")),
        .refused("five spaces after the method", line("GET     /version HTTP/1.1")),
        .refused("a tab after the method", line("GET\t/version HTTP/1.1")),
        .refused("two spaces before the version", line("GET /version  HTTP/1.1")),
        .refused("a tab before the version", line("GET /version\tHTTP/1.1")),
        .refused("a space after the version", line("GET /version HTTP/1.1 ")),
        .refused("only a method", "GET\r\n\r\n"),
        .refused("only a method and a space", "GET \r\n\r\n"),
        .refused("no target", line("GET HTTP/1.1")),
        .refused("no version, as in HTTP/0.9", "GET /version\r\n"),
        .refused("no version, with headers", line("GET /version")),
        .refused("a word", "hello\r\n"),
        .refused("a header where the request line should be", "Host: x\r\n\r\n"),
        .refused("a line of SSH", "SSH-2.0-OpenSSH_9.2p1\r\n"),
        .refused("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        .refused("a TLS ClientHello", bytes: clientHello(sessionBytes: 0)),
        .refused("a TLS ClientHello with a space in it", bytes: clientHello(sessionBytes: 32)),
        .refused("NUL before the method", line("\0GET /version HTTP/1.1")),
        .refused("a line of NUL before the request", "\0\r\n" + next),
        .refused("NUL and LF before the request", "\0\n" + next),
        .refused("a line that begins with NUL before the request", "\0hello\r\n" + next),
        .refused("NUL and LF at the end of the request line", "GET /version HTTP/1.1\0\nHost: x\r\n\r\n"),
        .refused("LF at the end of the request line", "GET /version HTTP/1.1\nHost: x\r\n\r\n"),
        .refused("LF at the end of every line", "GET /version HTTP/1.1\nHost: x\n\n"),
    ]

    /// As OpenSSL begins: a record, a hello, random bytes, and the groups extension, whose number is that of LF.
    private static func clientHello(sessionBytes: UInt8) -> [UInt8] {
        var hello: [UInt8] = [22, 3, 1, 0, 120, 1, 0, 0, 116, 3, 3] + [UInt8](repeating: 0xa5, count: 32)
        hello += [sessionBytes] + [UInt8](repeating: 0x5a, count: Int(sessionBytes))
        return hello + [0, 2, 0x13, 0x01, 1, 0, 0, 14, 0, 10, 0, 4, 0, 2, 0, 29, 0, 43, 0, 3, 2, 3, 4]
    }

    private static let targets: [Self] = [
        .served("a query", line("GET /memstats?fields=Alloc HTTP/1.1")),
        .served("a whole URL", line("GET http://x/version HTTP/1.1")),
        .served("a whole URL in uppercase", line("GET HTTP://X:80/version HTTP/1.1")),
        .served("a whole URL with an IPv6 address", line("GET http://[::1]:80/version HTTP/1.1")),
        .refused("a whole URL without host", line("GET http:///version HTTP/1.1")),
        .refused("a whole URL with a user", line("GET http://u@x/version HTTP/1.1")),
        .refused("a whole URL with a host that is none", line("GET http://a^b/version HTTP/1.1")),
        .refused("a whole URL of another scheme", line("GET ftp://x/version HTTP/1.1")),
        .refused("CONNECT", line("CONNECT x:80 HTTP/1.1")),
        .served("OPTIONS of the server", line("OPTIONS * HTTP/1.1"), "204"),
        .served("OPTIONS of a path", line("OPTIONS /version HTTP/1.1"), "405"),
        .refused("GET of the server", line("GET * HTTP/1.1")),
        .refused("a target without slash", line("GET version HTTP/1.1")),
        .refused("a space in the target", line("GET /ver sion HTTP/1.1")),
        .refused("NUL in the target", line("GET /ver\0sion HTTP/1.1")),
        .refused("a control character in the target", line("GET /ver\u{01}sion HTTP/1.1")),
        .refused("DEL in the target", line("GET /ver\u{7f}sion HTTP/1.1")),
        .refused("CR in the target", line("GET /ver\rsion HTTP/1.1")),
        .refused("LF in the target", line("GET /ver\nsion HTTP/1.1")),
        .served("bytes beyond ASCII in the target", line("GET /map/keys/\u{e9} HTTP/1.1"), "404"),
        .served("a broken escape", line("GET /map/keys/%zz HTTP/1.1"), "400"),
        .served("an escaped NUL", line("GET /map/keys/%00 HTTP/1.1"), "404"),
        .refused(
            "a target of 9,000 bytes", line("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1"), "414"),
        .refused(
            "a target of 40,000 bytes", line("GET /\(String(repeating: "a", count: 40000)) HTTP/1.1"), "414"),
    ]

    // MARK: RFC 9110, section 2.5

    private static let versions: [Self] = [
        .last("HTTP/1.0", line("GET /version HTTP/1.0")),
        .last("HTTP/1.0 without Host", "GET /version HTTP/1.0\r\n\r\n"),
        .served("HTTP/1.0 with keep-alive", "GET /version HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
        .served("HTTP/1.2", line("GET /version HTTP/1.2")),
        .served("HTTP/1.9", line("GET /version HTTP/1.9")),
        .refused("HTTP/1.2 without Host", "GET /version HTTP/1.2\r\n\r\n"),
        .refused("HTTP/1.10", line("GET /version HTTP/1.10")),
        .refused("HTTP/0.9 by name", line("GET /version HTTP/0.9")),
        .refused("HTTP/2.0", line("GET /version HTTP/2.0")),
        .refused("HTTP/3", line("GET /version HTTP/3")),
        .refused("a version in lowercase", line("GET /version http/1.1")),
        .refused("a version without minor", line("GET /version HTTP/1.")),
        .refused("a version and a letter", line("GET /version HTTP/1.1x")),
        .refused("a version with a space in it", line("GET /version HTTP/ 1.1")),
        .refused("a version with a comma", line("GET /version HTTP/1,1")),
        .refused("a version with a leading zero", line("GET /version HTTP/01.1")),
        .refused("the version of another protocol", line("GET /version ICY/1.1")),
    ]

    // MARK: RFC 9112, section 3.2; RFC 3986, section 3.2.2

    private static let hosts: [Self] = [
        .served("Host empty", host("")),
        .served("Host with a port", host("example.org:8080")),
        .served("Host with an empty port", host("example.org:")),
        .served("Host IPv4", host("127.0.0.1:80")),
        .served("Host IPv6", host("[::1]")),
        .served("Host IPv6 with a port", host("[2001:db8::7]:8080")),
        .served("Host with every character of a name", host("aZ09-._~!$&'()*+,;=")),
        .served("Host with an escape", host("%41")),
        .served("Host with space behind it", host("x \t")),
        .refused("no Host", "GET /version HTTP/1.1\r\n\r\n"),
        .refused("no Host but other headers", "GET /version HTTP/1.1\r\nAccept: */*\r\n\r\n"),
        .refused("two Hosts", get("Host: y\r\n")),
        .refused("the same Host twice", get("hOST: x\r\n")),
        .refused("Host with a space", host("a b")),
        .refused("Host as a list", host("a, b")),
        .refused("Host with a user", host("user@a")),
        .refused("Host with a path", host("a/b")),
        .refused("Host with a query", host("a?b")),
        .refused("Host with a fragment", host("a#b")),
        .refused("Host as a URL", host("http://x")),
        .refused("Host with a port of letters", host("a:b")),
        .refused("Host with two ports", host("a:80:80")),
        .refused("Host with a negative port", host("a:-1")),
        .refused("Host with a port only", host(":80")),
        .refused("Host IPv6 without brackets", host("::1")),
        .refused("Host IPv6 without the last bracket", host("[::1")),
        .refused("Host with a letter behind the bracket", host("[::1]x")),
        .refused("Host with empty brackets", host("[]")),
        .refused("Host with a name in brackets", host("[example]")),
        .refused("Host with a broken escape", host("a%zz")),
        .refused("Host beyond ASCII", host("\u{e9}")),
        .refused("Host in quotes", host("\"a\"")),
        .refused("Host with NUL", host("a\0b")),
        .refused("Host folded", "GET /version HTTP/1.1\r\nHost:\r\n x\r\n\r\n"),
        .refused("HTTP/1.0 with a Host that is none", "GET /version HTTP/1.0\r\nHost: a b\r\n\r\n"),
    ]

    // MARK: RFC 9112, section 5; RFC 9110, section 5.5

    private static let fields: [Self] = [
        .served("a header without value", get("X:\r\n")),
        .served("a header with a value of spaces", get("X:   \t \r\n")),
        .served("a value with spaces around it", get("X: \t a b \t\r\n")),
        .served("a value with bytes beyond ASCII", get("X: \u{e9}\r\n")),
        .served("a name of every token character", get("A0!#$%&'*+-.^_`|~: a\r\n")),
        .refused("a space before the colon", get("X : a\r\n")),
        .refused("a tab before the colon", get("X\t: a\r\n")),
        .refused("no colon", get("Nonsense\r\n")),
        .refused("no name", get(": a\r\n")),
        .refused("a name with brackets", get("X[1]: a\r\n")),
        .refused("a name beyond ASCII", get("\u{e9}: a\r\n")),
        .refused("a name with NUL", get("X\0Y: a\r\n")),
        .refused("a name with CR", get("X\rY: a\r\n")),
        .refused("a value with NUL", get("X: a\0b\r\n")),
        .refused("a value that ends in NUL", get("X: a\0\r\n")),
        .refused("NUL and LF behind a value", get("X: a\0\nY: b\r\n")),
        .refused("NUL and LF behind the last value", get("X: a\0\n")),
        .refused("NUL and LF at the end of the head", "GET /version HTTP/1.1\r\nHost: x\r\n\0\n"),
        .refused("a value with CR", get("X: a\rY: b\r\n")),
        .refused("a value that ends in CR", get("X: a\r\r\n")),
        .refused("a value with a control character", get("X: a\u{01}b\r\n")),
        .refused("a value with DEL", get("X: a\u{7f}b\r\n")),
        .refused("LF between headers", get("X: a\nY: b\r\n")),
        .refused("LF at the end of the head", "GET /version HTTP/1.1\r\nHost: x\r\n\n"),
        .refused("a value folded with a space", get("X: a\r\n b\r\n")),
        .refused("a value folded with a tab", get("X: a\r\n\tb\r\n")),
        .refused("the first header folded", "GET /version HTTP/1.1\r\n Host: x\r\n\r\n"),
        .refused("a header of 8,200 bytes", get("X: \(String(repeating: "a", count: 8_200))\r\n"), "431"),
        .refused("2,000 headers", get(String(repeating: "X: a\r\n", count: 2_000)), "431"),
    ]

    // MARK: RFC 9110, section 8.6; RFC 9112, section 6.3

    private static let lengths: [Self] = [
        .served("Content-Length", put("Content-Length: 5\r\n"), "204"),
        .served("Content-Length 0", put("Content-Length: 0\r\n", ""), "204"),
        .served("PUT without length", put("", ""), "204"),
        .served(
            "Content-Length with leading zeros", put("Content-Length: 0000000000000000000000005\r\n"), "204"),
        .served("Content-Length with a space behind it", put("Content-Length: 5 \r\n"), "204"),
        .served("Content-Length with a tab behind it", put("Content-Length: 5\t \r\n"), "204"),
        .served("Content-Length with much space before it", put("Content-Length: \t  5\r\n"), "204"),
        .served("Content-Length of a GET", get("Content-Length: 0\r\n")),
        .served("a body of a GET", get("Content-Length: 5\r\n") + "hello"),
        .refused("Content-Length empty", put("Content-Length:\r\n")),
        .refused("Content-Length of spaces", put("Content-Length:  \r\n")),
        .refused("Content-Length with plus", put("Content-Length: +5\r\n")),
        .refused("Content-Length with minus", put("Content-Length: -5\r\n")),
        .refused("Content-Length in hexadecimal", put("Content-Length: 0x5\r\n")),
        .refused("Content-Length with a letter", put("Content-Length: 5a\r\n")),
        .refused("Content-Length with a fraction", put("Content-Length: 5.0\r\n")),
        .refused("Content-Length with a space in it", put("Content-Length: 5 5\r\n")),
        .refused("Content-Length as a list", put("Content-Length: 5, 5\r\n")),
        .refused("Content-Length in other digits", put("Content-Length: \u{ff15}\r\n")),
        .refused("Content-Length behind a vertical tab", put("Content-Length: \u{0b}5\r\n")),
        .refused("Content-Length twice", put("Content-Length: 5\r\nContent-Length: 5\r\n")),
        .refused("two different Content-Lengths", put("Content-Length: 5\r\ncontent-length: 0\r\n")),
        .refused("Content-Length of 2^63", put("Content-Length: 9223372036854775808\r\n")),
        .refused("Content-Length of 2^64", put("Content-Length: 18446744073709551616\r\n")),
        .refused("Content-Length of 2^64 + 5", put("Content-Length: 18446744073709551621\r\n")),
        .refused("Content-Length folded", put("Content-Length:\r\n 5\r\n")),
        .refused("Content-Length over the limit", put("Content-Length: 1048577\r\n"), "413"),
    ]

    // MARK: RFC 9112, section 6.1. A body in chunks is the last that is read of its connection.

    private static let oneChunk = "5\r\nhello\r\n0\r\n\r\n"

    private static func coding(_ value: String, _ body: String = oneChunk) -> String {
        put("Transfer-Encoding: \(value)\r\n", body)
    }

    private static let codings: [Self] = [
        .last("chunked", coding("chunked"), "204"),
        .last("chunked in uppercase", coding("CHUNKED"), "204"),
        .last("chunked with a space behind it", coding("chunked "), "204"),
        .last("chunked with a tab behind it", coding("chunked \t"), "204"),
        .last(
            "chunked and close", put("Transfer-Encoding: chunked\r\nConnection: close\r\n", oneChunk), "204"),
        .last("chunks of a GET", get("Transfer-Encoding: chunked\r\n") + oneChunk),
        .refused("gzip", coding("gzip")),
        .refused("gzip, chunked", coding("gzip, chunked")),
        .refused("chunked, gzip", coding("chunked, gzip")),
        .refused("chunked, chunked", coding("chunked, chunked")),
        .refused("chunked and a comma", coding("chunked,")),
        .refused("chunked with a parameter", coding("chunked;q=1")),
        .refused("chunked in quotes", coding("\"chunked\"")),
        .refused("chunked behind a vertical tab", coding("\u{0b}chunked")),
        .refused("xchunked", coding("xchunked")),
        .refused("identity", coding("identity")),
        .refused("an empty coding", coding("")),
        .refused(
            "Transfer-Encoding twice", put("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
        .refused(
            "another Transfer-Encoding first",
            put("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")),
        .refused("Transfer-Encoding with a space before the colon", put("Transfer-Encoding : chunked\r\n")),
        .refused("Transfer-Encoding folded", put("Transfer-Encoding:\r\n chunked\r\n")),
        .refused(
            "a length before the coding", put("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", oneChunk)
        ),
        .refused(
            "a length behind the coding", put("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", oneChunk)
        ),
        .refused(
            "a length that is none behind the coding",
            put("Transfer-Encoding: chunked\r\nContent-Length: x\r\n", oneChunk)),
        .refused(
            "chunks of HTTP/1.0",
            "PUT /map/keys/s HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(oneChunk)"),
    ]

    // MARK: RFC 9112, section 7.1

    private static let chunks: [Self] = [
        .last("no chunk but the last", chunked("0\r\n\r\n"), "204"),
        .last("two chunks", chunked("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), "204"),
        .last("a size in hexadecimal", chunked("A\r\nhello, you\r\n0\r\n\r\n"), "204"),
        .last("a size with leading zeros", chunked("0005\r\nhello\r\n000\r\n\r\n"), "204"),
        .last("an extension", chunked("5;a=b\r\nhello\r\n0;c\r\n\r\n"), "204"),
        .last("an extension in quotes", chunked("5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n"), "204"),
        .last("a chunk that looks like the end", chunked("5\r\n0\r\n\r\n\r\n0\r\n\r\n"), "204"),
        .refused("a size of letters", chunked("zz\r\nhello\r\n0\r\n\r\n")),
        .refused("a size with minus", chunked("-5\r\nhello\r\n0\r\n\r\n")),
        .refused("a size with 0x", chunked("0x5\r\nhello\r\n0\r\n\r\n")),
        .refused("a size with a space before it", chunked(" 5\r\nhello\r\n0\r\n\r\n")),
        .refused("a size with a space behind it", chunked("5 \r\nhello\r\n0\r\n\r\n")),
        .refused("no size", chunked("\r\nhello\r\n0\r\n\r\n")),
        .refused("an extension without size", chunked(";a\r\nhello\r\n0\r\n\r\n")),
        .refused("a chunk longer than its size", chunked("4\r\nhello\r\n0\r\n\r\n")),
        .refused("no line end behind the chunk", chunked("5\r\nhello0\r\n\r\n")),
        .refused("a size of 2^64 - 1", chunked("ffffffffffffffff\r\nhello\r\n0\r\n\r\n"), "413"),
        .refused(
            "a second size of 2^64 - 1", chunked("1\r\nh\r\nFFFFFFFFFFFFFFFF;a\r\nello\r\n0\r\n\r\n"), "413"),
        .refused("a size over the limit", chunked("100001\r\nhello\r\n0\r\n\r\n"), "413"),
        .refused(
            "two sizes that are over the limit together", chunked("1\r\nh\r\n100000\r\nello\r\n"), "413"),
        .refused(
            "an import's size of 2^64 - 1",
            "POST /map/entries HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n\n",
            "413"),
        .refused("a size of 17 digits", chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"), "413"),
        // The decoder takes these. What a proxy that frames them otherwise takes for the rest is not read.
        .last("LF behind the size", chunked("5\nhello\r\n0\r\n\r\n"), "204"),
        .last("LF in an extension", chunked("5;a\nhello\r\n0\r\n\r\n"), "204"),
        .last("a size that counts the CR behind the chunk", chunked("6\r\nhello\r\n0\r\n\r\n"), "204"),
        .last("LF behind the chunk", chunked("5\r\nhello\n0\r\n\r\n"), "204"),
        .last("nothing but LF", chunked("5\nhello\n0\n\n"), "204"),
        .last("NUL in an extension", chunked("5;\0\r\nhello\r\n0\r\n\r\n"), "204"),
        .last("CR in an extension", chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"), "204"),
    ]

    private static func trailer(_ lines: String) -> String { chunked("5\r\nhello\r\n0\r\n\(lines)\r\n") }

    private static let trailers: [Self] = [
        .last("a trailer", trailer("X: a\r\n"), "204"),
        .last("two trailers", trailer("X: a\r\nY: b\r\n"), "204"),
        .last("a trailer that would frame a request", trailer("Content-Length: 5\r\n"), "204"),
        .refused("a trailer without colon", trailer("Nonsense\r\n")),
        .refused("a trailer without name", trailer(": a\r\n")),
        .refused("a trailer with a space before the colon", trailer("X : a\r\n")),
        .refused("a trailer with CR", trailer("X: a\rb\r\n")),
        .refused("a trailer with a control character", trailer("X: a\u{01}\r\n")),
        .refused("two trailers, LF between them", trailer("X: a\nY: b\r\n")),
        .refused("two trailers, NUL in the first", trailer("X: a\0\r\nY: b\r\n")),
        .refused("two trailers, the first folded", trailer("X: a\r\n b\r\nY: b\r\n")),
        .last("LF behind the last trailer", trailer("X: a\n"), "204"),
        .last("NUL in the last trailer", trailer("X: a\0\r\n"), "204"),
    ]

    // MARK: RFC 9110, section 10.1.1

    private static let expectations: [Self] = [
        .served("100-continue", put("Expect: 100-continue\r\nContent-Length: 5\r\n"), "100, 204"),
        .served(
            "100-continue in another case", put("expect: 100-Continue\r\nContent-Length: 5\r\n"), "100, 204"),
        .served(
            "100-continue with space behind it", put("Expect: 100-continue \r\nContent-Length: 5\r\n"),
            "100, 204"),
        .last(
            "100-continue before chunks",
            put("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", oneChunk),
            "100, 204"),
        .served("100-continue without content", put("Expect: 100-continue\r\n", ""), "204"),
        .served(
            "100-continue with a length of 0", put("Expect: 100-continue\r\nContent-Length: 0\r\n", ""), "204"
        ),
        .served("100-continue of a GET", get("Expect: 100-continue\r\n")),
        .served(
            "100-continue of a POST without content",
            "POST /gc HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"),
        .served(
            "100-continue without content, twice",
            get("Expect: 100-continue\r\n") + put("Expect: 100-continue\r\nContent-Length: 00\r\n", ""),
            "200, 204"),
        .served("another expectation", put("Expect: tea\r\nContent-Length: 5\r\n"), "204"),
        .last(
            "100-continue of HTTP/1.0",
            "PUT /map/keys/s HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", "204"),
        .refused(
            "100-continue before a body over the limit",
            put("Expect: 100-continue\r\nContent-Length: 99999999\r\n", ""), "413"),
        .refused(
            "100-continue before a length that is none",
            put("Expect: 100-continue\r\nContent-Length: x\r\n", "")),
    ]

    // MARK: RFC 9110, section 7.6.1; RFC 9112, section 9

    private static let connectionOptions: [Self] = [
        .last("close", get("Connection: close\r\n")),
        .last("close in another case", get("connection: Close\r\n")),
        .last("close in a list", get("Connection: TE , close\r\n")),
        .last("close in a second line", get("Connection: TE\r\nConnection: close\r\n")),
        .last("close with space behind it", get("Connection: close \r\n")),
        .last("close of a PUT", put("Connection: close\r\nContent-Length: 5\r\n"), "204"),
        .served("keep-alive", get("Connection: keep-alive\r\n")),
        .served("another option", get("Connection: closed\r\n")),
        .served("an upgrade", get("Connection: Upgrade\r\nUpgrade: h2c\r\n")),
        .served("TE", get("Connection: TE\r\nTE: trailers\r\n")),
    ]

    private static let pipelines: [Self] = [
        .served("three GETs", next + next + next, "200, 200, 200"),
        .served("GET, PUT, GET", next + put("Content-Length: 5\r\n") + next, "200, 204, 200"),
        .served("an empty line between requests", next + "\r\n" + next, "200, 200"),
        .served("a 404 between requests", next + line("GET /nothing HTTP/1.1") + next, "200, 404, 200"),
        .served(
            "a long operation between requests", next + line("POST /gc HTTP/1.1") + next, "200, 200, 200"),
        .last("close between requests", next + get("Connection: close\r\n") + next, "200, 200"),
        .last("chunks between requests", next + coding("chunked") + next, "200, 204"),
        .refused("a bad request between requests", next + host("a b") + next, "200, 400"),
        .refused(
            "a bad request line between requests", next + line("GET  /version HTTP/1.1") + next, "200, 400"),
        .refused("a space before a later request", next + " " + next, "200, 400"),
        .refused("a word between requests", next + "hello\r\n" + next, "200, 400"),
        .refused(
            "a word behind a long operation", line("POST /gc HTTP/1.1") + "hello\r\n" + next, "200, 400"),
        .refused("NUL and LF in a later head", next + get("X: a\0\n") + next, "200, 400"),
        .refused("a line of NUL before a later request", next + "\0\r\n" + next, "200, 400"),
        .served(
            "a body of NUL and LF between requests", next + put("Content-Length: 4\r\n", "\0\n\0\n") + next,
            "200, 204, 200"),
        .refused(
            "NUL and LF in a head behind a body of them",
            put("Content-Length: 4\r\n", "\0\n\0\n") + get("X: a\0\n") + next, "204, 400"),
        .refused("a body longer than its length", put("Content-Length: 4\r\n") + "\r\n", "204, 400"),
    ]

    // MARK: RFC 9110, section 9.3.2

    private static let heads: [Self] = [
        .served("HEAD", line("HEAD /version HTTP/1.1"), "HEAD 200"),
        .served("HEAD of nothing", line("HEAD /nothing HTTP/1.1"), "HEAD 404"),
        .served(
            "HEAD with a body", "HEAD /version HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
            "HEAD 200"),
        .served("HEAD of a stream", line("HEAD /map/entries HTTP/1.1"), "HEAD 200"),
        .served(
            "HEAD of a stream, twice",
            line("HEAD /map/entries HTTP/1.1") + line("HEAD /map/entries HTTP/1.1"), "HEAD 200, HEAD 200"),
        .served(
            "a stream between HEADs", line("HEAD /version HTTP/1.1") + line("GET /map/entries HTTP/1.1"),
            "HEAD 200, 200"),
        .last("HEAD of HTTP/1.0", line("HEAD /version HTTP/1.0"), "HEAD 200"),
        .last("HEAD of a stream, HTTP/1.0", line("HEAD /map/entries HTTP/1.0"), "HEAD 200"),
        .last("a stream, HTTP/1.0", line("GET /map/entries HTTP/1.0")),
    ]
}
