// Which keys are read, and how many for each write.

import HuskLab

struct LiveReads {
    private let perWrite: Double
    private let ranks: ZipfRanks?
    /// Which slot has which rank.
    private let slots: Permutation
    private var random: SeededRandom
    private var due = 0.0

    init(_ workload: Workload, keys: LiveKeys) {
        perWrite = workload.readsPerWrite
        ranks = workload.reads == .zipf ? ZipfRanks(count: keys.slotCount) : nil
        slots = Permutation(count: keys.slotCount, seed: UInt64(workload.seed))
        random = SeededRandom(seed: UInt64(workload.seed) ^ 0x5245_4144)
    }

    /// Reads are owed for a write.
    mutating func owe() { due += perWrite }

    /// Whether a read is due; then it is paid.
    mutating func take() -> Bool {
        if due < 1 { return false }
        due -= 1
        return true
    }

    /// The number of the key that is read; nil when none lives.
    mutating func number(of keys: LiveKeys) -> Int? {
        guard let ranks else { return keys.any(&random) }
        return keys.youngest(inSlot: slots.image(of: ranks.draw(&random))) ?? keys.any(&random)
    }
}
