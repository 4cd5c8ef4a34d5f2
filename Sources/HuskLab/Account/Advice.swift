// One sentence: what would help most, and what it would take.
//
// The cheapest remedy that loses no entry and frees nearly as much as the best one does; if none frees a twentieth of HeapAlloc, then
// what is idle; else nothing.

package struct Advice: Equatable, Sendable {
    package var remedy = Remedy.Kind.none
    package var text = ""

    init() {}
}

extension Advice {
    /// Less than this is not worth a word.
    private static let leastBytes = 64 << 10
    private static let leastShare = 0.05
    /// From the cheapest. Shards are advised to whom they spare the room for a copy: who has them already. To others they would
    /// promise what chance gives: whether a shard outgrows its array.
    private static let order: [Remedy.Kind] = [.gc, .copy, .shards]

    /// - Parameters:
    ///   - roomBytes: what the heap may still take.
    ///   - rebuildsShards: whether the map has the shards that the remedy of that name makes, and so rebuilds them one by one.
    init(_ account: MemoryAccount, roomBytes: Int, rebuildsShards: Bool) {
        let possible = Self.order.filter { $0 != .shards || rebuildsShards }.compactMap { kind in
            account.forecasts.first { $0.remedy == kind && $0.obstacle == nil }
        }
        let fitting = possible.filter { $0.peakHeapAlloc - account.heapAlloc <= roomBytes }
        let most = fitting.map(\.frees).max() ?? 0
        let floor = max(Self.leastBytes, Int(Self.leastShare * Double(account.heapAlloc)))
        if most >= floor, let best = fitting.first(where: { Double($0.frees) >= 0.95 * Double(most) }) {
            remedy = best.remedy
            text = Self.sentence(best, account)
        } else if account.residentIdle >= max(1 << 20, Int(Self.leastShare * Double(account.resident))),
            let release = account.forecasts.first(where: { $0.remedy == .freeMemory })
        {
            remedy = .freeMemory
            text = Self.sentence(release: release, account)
        } else {
            text = Self.nothing(account, tooLarge: possible.max { $0.frees < $1.frees }, floor)
        }
    }

    private static func sentence(_ forecast: Forecast, _ account: MemoryAccount) -> String {
        let needs = forecast.peakHeapAlloc - account.heapAlloc
        var text = "\(forecast.remedy.rawValue) frees \(megabytes(forecast.frees)) of \(megabytes(account.heapAlloc))"
        text += needs > 0 ? " and needs \(megabytes(needs)) more on the way" : " and needs nothing on the way"
        if let resident = forecast.residentAfterRelease, account.resident - resident > leastBytes {
            text += "; free-memory after it takes RSS from \(megabytes(account.resident)) to \(megabytes(resident))"
        }
        // Spans that the last few objects keep in use.
        let heldBytes = forecast.heapInuse - forecast.heapAlloc
        if heldBytes >= max(1 << 20, account.heapSys / 10) {
            text += "; \(megabytes(heldBytes)) stay in use all the same, in spans that few objects are left in"
        }
        return text + "."
    }

    private static func sentence(release: Forecast, _ account: MemoryAccount) -> String {
        guard let resident = release.residentAfterRelease else {
            return "free-memory gives \(megabytes(account.residentIdle)) back that lies idle; "
                + "RSS falls only when the kernel needs it, for madvise is free."
        }
        return "free-memory gives \(megabytes(account.residentIdle)) back that lies idle: RSS goes from "
            + "\(megabytes(account.resident)) to \(megabytes(resident))" + sparse(account) + "."
    }

    private static func nothing(_ account: MemoryAccount, tooLarge: Forecast?, _ floor: Int) -> String {
        if let tooLarge, tooLarge.frees >= floor {
            let needs = megabytes(tooLarge.peakHeapAlloc - account.heapAlloc)
            return "\(tooLarge.remedy.rawValue) would free \(megabytes(tooLarge.frees)), but there is no room for "
                + "the \(needs) that it needs on the way; clear and replace need none."
        }
        return
            "nothing: of \(megabytes(account.heapAlloc)) on the heap \(megabytes(account.entries)) are what the entries need"
            + sparse(account) + "."
    }

    /// What no remedy of the map cures.
    private static func sparse(_ account: MemoryAccount) -> String {
        let bytes = account.sparse.waste
        guard bytes >= max(1 << 20, account.heapSys / 10) else { return "" }
        return "; \(megabytes(bytes)) are free in spans that are less than 5% full, "
            + "which a rebuild does not give back"
    }

    private static func megabytes(_ bytes: Int) -> String {
        let tenths = (bytes.magnitude + 50_000) / 100_000
        return "\(bytes < 0 ? "-" : "")\(tenths / 10).\(tenths % 10) MB"
    }
}

extension MemoryAccount {
    /// Spans of which objects take less than 5%: their bytes, and what of them no object takes.
    package var sparse: (spans: Int, bytes: Int, waste: Int) {
        classes.reduce((0, 0, 0)) { sum, ofClass in
            (
                sum.0 + ofClass.sparseSpanCount, sum.1 + ofClass.sparseSpanBytes,
                sum.2 + ofClass.sparseSpanBytes - ofClass.sparseAllocatedBytes
            )
        }
    }
}
