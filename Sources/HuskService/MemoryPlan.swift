// How --max-memory is shared out between the heap and what requests buffer.
//
//     heap in use + lent                ≤ max − own
//     connections + buffers             ≤ own + lent ≤ max / 2
//
// An eighth is the buffers' own, so that they work when the heap is full. What they need on top, up to half of the whole, the
// heap lends as long as it has room, and inserts find that much less; past that a request is answered 503. Connections are
// counted as well, and may take a quarter.

import HuskLab
import MicroHTTP

struct MemoryPlan: Equatable {
    /// What the heap may have in use, and lend.
    var heapBytes: Int
    /// What buffers may take whatever the heap does.
    var ownBytes: Int
    /// What buffers may take at most.
    var greatestBytes: Int

    /// Enough for as many connections as there may be, and for large bodies besides.
    private static let ownBytesLimit = 768 << 20

    /// - Parameter maxMemoryBytes: `--max-memory`.
    init(maxMemoryBytes: Int) {
        ownBytes = min(maxMemoryBytes / 8, Self.ownBytesLimit)
        heapBytes = maxMemoryBytes - ownBytes
        greatestBytes = maxMemoryBytes / 2
    }

    func makeBudget(lender: Lab) -> BufferBudget {
        BufferBudget(ownBytes: ownBytes, greatestBytes: greatestBytes, lender: lender)
    }

    /// Connections that there may be at once.
    func connectionLimit(connectionBytes: Int) -> Int { max(16, greatestBytes / 2 / connectionBytes) }
}

extension Lab: MemoryLender {}
