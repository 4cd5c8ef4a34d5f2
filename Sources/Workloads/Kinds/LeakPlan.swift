// leak: keys are inserted and none is deleted, until there are `size` of them. The map is filled with `live` first. A round is
// 10,000 inserts, the last one what is left.

struct LeakPlan: WritePlan {
    let keys: LiveKeys
    private let size: Int
    /// Where the round ends that is under way.
    private var roundEnd: Int

    init(_ workload: Workload) {
        size = workload.size
        roundEnd = workload.live
        keys = LiveKeys(slotCount: workload.size, hasTable: false)
    }

    mutating func next(_ seconds: Double) -> WriteStep {
        if keys.end == roundEnd {
            roundEnd = min(size, roundEnd + Workload.leakRound)
            return .roundEnds
        }
        keys.end += 1
        return .set(keys.end - 1)
    }
}
