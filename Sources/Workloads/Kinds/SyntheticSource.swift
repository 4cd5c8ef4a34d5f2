// Operations made from a plan of writes: keys and values from numbers, and reads after the writes.

import GoMap
import HuskLab

/// - Note: the value of a key is its number plus that of the round: so an update changes it.
final class SyntheticSource<Plan: WritePlan>: OperationSource {
    private var plan: Plan
    private var reads: LiveReads
    private let maker: EntryMaker
    private let places: Int
    /// Numbers from here on do not fit the keys.
    private let numberLimit: Int
    private let keyType: GoType
    private let form: EntryForm
    private var round = 0

    /// - Throws: `SourceError` when the keys do not fit the map's type.
    init(_ workload: Workload, _ plan: Plan, type: MapTypeName) throws(SourceError) {
        let interned = MapType.interned(type)
        self.plan = plan
        reads = LiveReads(workload, keys: plan.keys)
        places = max(
            1, min(OperationBatch.capacity, Self.memoryBytes / EntryMaker.bytesPerPlace(interned, workload.form)))
        maker = EntryMaker(interned, workload.form, places: (keys: places, values: places))
        form = workload.form
        keyType = type.key
        if case .array(let count) = keyType {
            let digits = count - form.prefix.utf8.count
            numberLimit = (0..<max(0, min(18, digits))).reduce(1) { limit, _ in limit * 10 }
            let most = "\(max(workload.live, 1) - 1)".utf8.count
            if let misfit = EntryMaker.misfit(keyType, form, digits: most) { throw SourceError(misfit) }
        } else {
            numberLimit = .max
        }
    }

    /// Most bytes of keys and values made at a time, but for one that is larger.
    private static var memoryBytes: Int { 1 << 20 }

    var fillsFirst: Bool { true }
    var simulatedSeconds: Double? { plan.simulatedSeconds }

    func fill(_ batch: OperationBatch, limit: Int, seconds: Double) throws(SourceError) -> SourceStep {
        let limit = min(limit, places)
        while batch.count < limit {
            if plan.allowsReads, reads.take() {
                if let number = reads.number(of: plan.keys) { try append(.getOrLoad, number, to: batch) }
                continue
            }
            switch plan.next(seconds) {
            case .set(let number): try append(.set, number, to: batch)
            case .delete(let number): try append(.delete, number, to: batch)
            case .waits(let untilSeconds): return .waits(untilSeconds: untilSeconds)
            case .roundEnds:
                round &+= 1
                return .roundEnds
            }
            if round > 0 { reads.owe() }
        }
        return .goesOn
    }

    @inline(__always)
    private func append(_ kind: Operation.Kind, _ number: Int, to batch: OperationBatch) throws(SourceError) {
        if number >= numberLimit {
            throw SourceError(
                EntryMaker.misfit(keyType, form, digits: "\(number)".utf8.count)
                    ?? "the key's number \(number) is too large")
        }
        let place = batch.count
        let value = kind == .delete ? Datum.empty : maker.value(number &+ round, place: place)
        batch.append(Operation(kind, maker.key(number, place: place), value))
    }
}

extension Workload {
    /// The operations of this workload.
    ///
    /// - Parameter type: of the map that they are for.
    /// - Throws: `SourceError` when keys do not fit that type.
    package func makeSource(for type: MapTypeName) throws(SourceError) -> any OperationSource {
        switch kind {
        case .partialUpdate: try SyntheticSource(self, PartialUpdatePlan(self), type: type)
        case .churn: try SyntheticSource(self, ChurnPlan(self), type: type)
        case .ttl: try SyntheticSource(self, ExpiryPlan(self), type: type)
        case .leak: try SyntheticSource(self, LeakPlan(self), type: type)
        case .replay: throw SourceError("a replay has no operations but those of a stream")
        }
    }

    /// Memory that the source of this workload takes for what it keeps of each key, in bytes.
    package var bookkeepingBytes: Int {
        let hasTable = (kind == .partialUpdate || kind == .churn) && victim == .random
        return hasTable ? LiveKeys.tableBytes(slotCount: live) : 0
    }
}
