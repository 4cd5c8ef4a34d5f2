// Marks what clients do. The client is asked for before its request is suspended.

import MicroHTTP

struct Marker: Sendable {
    private let timeline: Timeline
    private let client: String?

    fileprivate init(_ timeline: Timeline, client: String?) {
        self.timeline = timeline
        self.client = client
    }

    /// - Parameter by: what of Husk does it in the client's place.
    func callAsFunction(_ kind: Timeline.Mark.Kind, _ text: String, by: String? = nil) {
        timeline.add(kind, text, by: by ?? client)
    }
}

extension Service {
    /// Marks as done by the client of a request, to be called on its connection's thread.
    func marker(for request: Request) -> Marker { Marker(timeline, client: request.clientAddress) }
}
