// The figures that are drawn over time.

package enum Figure: String, CaseIterable, Sendable {
    case rss, heapAlloc, retained, len

    var title: String {
        switch self {
        case .rss: "RSS"
        case .heapAlloc: "HeapAlloc"
        case .retained: "Retained by the map"
        case .len: "len(m)"
        }
    }

    /// What it is, for who does not know the word.
    var meaning: String {
        switch self {
        case .rss: "the process's resident memory, as the kernel counts it"
        case .heapAlloc: "objects in the heap, garbage not yet swept included"
        case .retained: "beyond a fresh map with the same entries"
        case .len: "entries in the map"
        }
    }

    var fileName: String {
        switch self {
        case .rss: "rss.svg"
        case .heapAlloc: "heap-alloc.svg"
        case .retained: "retained.svg"
        case .len: "len.svg"
        }
    }

    var isBytes: Bool { self != .len }

    func value(of sample: ReportSample) -> Int {
        switch self {
        case .rss: sample.rss
        case .heapAlloc: sample.heapAlloc
        case .retained: sample.retained
        case .len: sample.len
        }
    }
}
