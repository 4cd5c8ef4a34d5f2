import HuskService
import TestSupport
import Testing

@Suite("Accept, read by its grammar")
struct AcceptTests {
    private static let json = MediaOffer("application", "json")
    private static let csv = MediaOffer("text", "csv", ["header": "present"])
    private static let plain = MediaOffer("text", "plain", ["version": "0.0.4"])

    @Test(
        "The offer that weighs most is taken, of equal ones the more exactly named, then the earlier named",
        arguments: [
            ("", json), ("*/*", json), (" \t", json), (",", json), ("text/*", csv), ("text/csv", csv),
            ("TEXT/CSV", csv),
            ("text/csv;q=0.5, application/json;q=0.4", csv), ("text/csv;q=0.4, application/json;q=0.5", json),
            ("text/csv, */*", csv), ("*/*, text/csv", csv), ("text/csv;q=0.1, */*;q=0.2", json),
            ("text/plain, text/csv", plain), ("text/csv, text/plain", csv),
            ("text/*;q=0.9, application/json;q=0.8", csv),
            ("application/json;q=0", nil), ("application/json;q=0.000, text/csv;q=0.001", csv),
            ("text/csv;Q=0, */*", json),
            ("text/html, image/png", nil), ("text/csv;q=0", nil), ("*/*;q=0", nil),
            ("text/*;q=0, text/plain", plain),
            ("text/plain;version=0.0.4", plain), ("text/plain;version=1.0.0", nil),
            ("text/plain ; version=\"0.0.4\" ;q=1", plain),
            ("text/plain;version=\"0.0\\.4\"", plain), ("text/plain;charset=utf-8", plain),
            ("text/plain;;version=0.0.4;", plain),
            ("text/plain;version=1.0.0;q=1, text/plain;version=0.0.4;q=0.3, */*;q=0.2", plain),
            ("text/plain;a=\"x,application/json\", text/csv;q=0.9", plain),
            ("text/csv;q=0.5;ext=1, application/json;q=0.4", csv),
        ])
    func best(header: String, expected: MediaOffer?) {
        #expect(
            AcceptHeader(header.utf8).best(of: [Self.json, Self.csv, Self.plain]) == expected, "\(header)")
    }

    @Test(
        "What is no element by the grammar is passed over",
        arguments: [
            "x", "text", "text/", "/csv", "*/csv", "text/csv;q=1.1", "text/csv;q=2", "text/csv;q=-1",
            "text/csv;q=0.1234",
            "text/csv;q=", "text/csv;q", "text/csv;q=.5", "text/csv q=1", "text /csv", "text/ csv",
            "text/csv;header=\"open", "te(xt/csv",
            "x-text/csvs",
        ])
    func malformed(element: String) {
        // Were it taken for text/csv, that would weigh more.
        let offers = [Self.csv, Self.json]
        #expect(AcceptHeader("application/json;q=0.1, \(element)".utf8).best(of: offers) == Self.json)
        // What stands behind it counts still, and alone it leaves everything to be taken.
        if !element.contains("open") {
            #expect(AcceptHeader("\(element), application/json;q=0.1".utf8).best(of: offers) == Self.json)
        }
        if element != "x-text/csvs" { #expect(AcceptHeader(element.utf8).best(of: offers) == Self.csv) }
    }

    @Test(
        "/metrics is OpenMetrics for those who want it more than the text format, in a version that is known",
        arguments: [
            ([], "text/plain; version=0.0.4"),
            (["application/openmetrics-text;q=0"], "text/plain; version=0.0.4"),
            (["x-application/openmetrics-textile"], "text/plain; version=0.0.4"),
            (["application/openmetrics-text;version=2.0.0"], "text/plain; version=0.0.4"),
            (["text/plain;q=0.9, application/openmetrics-text;q=0.1"], "text/plain; version=0.0.4"),
            (["APPLICATION/OPENMETRICS-TEXT"], "application/openmetrics-text; version=1.0.0"),
            (["text/html", "application/openmetrics-text"], "application/openmetrics-text; version=1.0.0"),
            (["application/openmetrics-text; version=0.0.1"], "application/openmetrics-text; version=0.0.1"),
            // Prometheus 2.42 and 3.
            (
                [
                    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
                ], "application/openmetrics-text; version=1.0.0"
            ),
            (
                [
                    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                        + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                        + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
                ], "application/openmetrics-text; version=1.0.0"
            ),
        ])
    func negotiation(lines: [String], expected: String) throws {
        try withHusk { (server) throws in
            let answer = try Client(port: server.port).ask(
                "GET", "/metrics", headers: lines.map { "Accept: \($0)" })
            #expect(answer.status == 200 && answer.header("Content-Type") == expected + "; charset=utf-8")
            #expect(answer.text.hasSuffix("# EOF\n") == expected.contains("openmetrics"))
        }
    }
}
