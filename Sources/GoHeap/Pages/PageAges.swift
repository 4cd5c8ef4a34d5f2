// Since when pages are free, for the periodic scavenger. (Go 1.10: `mspan.unusedsince`)
//
// Go kept the time for each run of free pages, and a run that grew by its neighbour became as young as that. So the age of
// a run here is that of its youngest page.

struct PageAges {
    /// By page: ticks of the runtime's clock when it became free.
    private let freedAt: UnsafeMutablePointer<UInt32>
    private let maxPages: Int

    /// - Returns: nil when the kernel refuses the table, 4 bytes for each page of the reservation.
    init?(maxPages: Int) {
        guard let table = OperatingSystem.map(byteCount: maxPages * 4) else { return nil }
        freedAt = table.assumingMemoryBound(to: UInt32.self)
        self.maxPages = maxPages
    }

    func destroy() { OperatingSystem.unmap(freedAt, byteCount: maxPages * 4) }

    /// A time of the runtime's clock in ticks of 2²⁶ ns (67 ms): 32 bits last for 9 years.
    static func ticks(_ nanoseconds: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: nanoseconds >> 26) }

    func free(page: Int, pageCount: Int, at nanoseconds: UInt64) {
        (freedAt + page).update(repeating: Self.ticks(nanoseconds), count: pageCount)
    }

    /// When the last of some pages became free, in ticks.
    func youngest(page: Int, pageCount: Int) -> UInt32 {
        var latest: UInt32 = 0
        for index in page..<(page + pageCount) { latest = max(latest, freedAt[index]) }
        return latest
    }
}
