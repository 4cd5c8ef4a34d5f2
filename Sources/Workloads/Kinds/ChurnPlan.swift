// churn: a delete and an insert of a new key in turn, so that the map has the same number of keys all the time. A round is as
// many pairs as `updateFraction` of the live keys.

struct ChurnPlan: WritePlan {
    let keys: LiveKeys
    private let live: Int
    private let isRandom: Bool
    private let pairCount: Int
    private var random: SeededRandom
    private var isFilling = true
    private var index = 0
    /// The slot whose key has been deleted, and the next not yet inserted.
    private var emptySlot: Int?

    init(_ workload: Workload) {
        live = workload.live
        isRandom = workload.victim == .random
        pairCount = workload.replacedKeys
        random = SeededRandom(seed: UInt64(workload.seed))
        keys = LiveKeys(slotCount: live, hasTable: isRandom)
    }

    var allowsReads: Bool { emptySlot == nil }

    mutating func next(_ seconds: Double) -> WriteStep {
        if isFilling { return fill() }
        if let slot = emptySlot {
            emptySlot = nil
            index += 1
            if isRandom {
                keys.renew(slot: slot)
                return .set(keys.number(inSlot: slot))
            }
            keys.end += 1
            return .set(keys.end - 1)
        }
        if index == pairCount {
            index = 0
            return .roundEnds
        }
        if isRandom {
            let slot = random.number(below: live)
            emptySlot = slot
            return .delete(keys.number(inSlot: slot))
        }
        emptySlot = 0
        keys.first += 1
        return .delete(keys.first - 1)
    }

    private mutating func fill() -> WriteStep {
        if index == live {
            isFilling = false
            index = 0
            return .roundEnds
        }
        index += 1
        keys.end = index
        return .set(index - 1)
    }
}
