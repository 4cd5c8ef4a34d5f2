// Which format of /metrics a client gets. (client_golang takes the same: prometheus/common, expfmt/encode.go)

import MicroHTTP

extension MetricsWriter.Format {
    /// What the page may go out as. Prometheus asks for the newest that it knows, older ones with less weight.
    private static let offers: [(offer: MediaOffer, format: Self, contentType: ContentType)] = [
        (
            MediaOffer("text", "plain", ["version": "0.0.4"]), .prometheus,
            ContentType("text/plain; version=0.0.4; charset=utf-8")
        ),
        (
            MediaOffer("application", "openmetrics-text", ["version": "1.0.0"]), .openMetrics,
            ContentType("application/openmetrics-text; version=1.0.0; charset=utf-8")
        ),
        // What it said before it was 1.0.0: nothing of this page has changed since.
        (
            MediaOffer("application", "openmetrics-text", ["version": "0.0.1"]), .openMetrics,
            ContentType("application/openmetrics-text; version=0.0.1; charset=utf-8")
        ),
    ]

    /// - Returns: what the client wants most; the text format for one that takes none of them.
    static func negotiated(_ accept: AcceptHeader) -> (format: Self, contentType: ContentType) {
        let best = accept.best(of: offers.map(\.offer))
        let found = offers.first { $0.offer == best } ?? offers[0]
        return (found.format, found.contentType)
    }
}
