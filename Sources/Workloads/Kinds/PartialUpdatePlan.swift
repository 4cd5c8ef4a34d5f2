// partial-update: a cache of which each round replaces a part. Of the keys that a round replaces, `drift` get new ones.
//
//     fill       live keys
//     a round    insert the new keys, delete as many old ones, overwrite the rest of those replaced
//
// So in the middle of a round there are live + drift × replaced keys: a cache takes in what is new before it lets go of the old.

import HuskLab

struct PartialUpdatePlan: WritePlan {
    private enum Phase { case fill, insert, delete, overwrite }

    let keys: LiveKeys
    private let live: Int
    private let isRandom: Bool
    private let replacedCount: Int
    private let freshCount: Int
    private var random: SeededRandom
    /// The slots that this round replaces, in their order.
    private var victims: Permutation
    private var phase = Phase.fill
    private var index = 0

    init(_ workload: Workload) {
        live = workload.live
        isRandom = workload.victim == .random
        replacedCount = workload.replacedKeys
        freshCount = Int((Double(replacedCount) * workload.drift).rounded())
        random = SeededRandom(seed: UInt64(workload.seed))
        victims = Permutation(count: live, seed: random.next())
        keys = LiveKeys(slotCount: live, hasTable: isRandom)
    }

    mutating func next(_ seconds: Double) -> WriteStep {
        while true {
            defer { index += 1 }
            switch phase {
            case .fill:
                if index == live { return endRound() }
                keys.end = index + 1
                return .set(index)
            case .insert:
                if index == freshCount { begin(.delete); continue }
                if isRandom { return .set(keys.nextNumber(inSlot: victims.image(of: index))) }
                keys.end += 1
                return .set(keys.end - 1)
            case .delete:
                if index == freshCount { begin(.overwrite); continue }
                if isRandom {
                    let slot = victims.image(of: index)
                    defer { keys.renew(slot: slot) }
                    return .delete(keys.number(inSlot: slot))
                }
                keys.first += 1
                return .delete(keys.first - 1)
            case .overwrite:
                if index == replacedCount - freshCount { return endRound() }
                return .set(
                    isRandom ? keys.number(inSlot: victims.image(of: freshCount + index)) : keys.first + index)
            }
        }
    }

    private mutating func begin(_ next: Phase) {
        phase = next
        index = -1
    }

    private mutating func endRound() -> WriteStep {
        begin(.insert)
        victims = Permutation(count: live, seed: random.next())
        return .roundEnds
    }
}
