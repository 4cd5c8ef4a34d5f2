// The keys that live, as numbers, so that one of them can be picked: a window of numbers, or a number for each slot.
//
//     window    first … end − 1        those that came first go first; nothing is kept of a single key
//     table     slot + generation × slots     any may go: 4 bytes a key, outside the heap that is measured
//
// In a window too, slot s stands for the youngest number that is s modulo the number of slots. So a slot that is popular stays
// popular, whatever key it has.

import Glibc

final class LiveKeys {
    let slotCount: Int
    /// Of a window: the oldest number, and the one after the youngest.
    var first = 0
    var end = 0
    // SAFETY: allocated here, freed in deinit; used by one thread.
    private let generations: UnsafeMutablePointer<UInt32>?

    /// - Parameters:
    ///   - slotCount: how many keys there are most of the time; 1 or more.
    ///   - hasTable: whether any key may go.
    init(slotCount: Int, hasTable: Bool) {
        self.slotCount = slotCount
        // All zero, without touching it.
        generations =
            hasTable ? calloc(slotCount, MemoryLayout<UInt32>.stride)!.assumingMemoryBound(to: UInt32.self) : nil
    }

    deinit { free(generations) }

    /// What the table takes, in bytes.
    static func tableBytes(slotCount: Int) -> Int { slotCount * MemoryLayout<UInt32>.stride }

    /// The number in a slot of the table, and the one that takes its place next.
    func number(inSlot slot: Int) -> Int { slot &+ Int(generations.unsafelyUnwrapped[slot]) &* slotCount }
    func nextNumber(inSlot slot: Int) -> Int { number(inSlot: slot) &+ slotCount }

    /// Puts the next number into a slot of the table.
    func renew(slot: Int) { generations.unsafelyUnwrapped[slot] &+= 1 }

    /// Any live key; nil when there is none.
    func any(_ random: inout SeededRandom) -> Int? {
        if generations != nil { return number(inSlot: random.number(below: slotCount)) }
        return end > first ? first + random.number(below: end - first) : nil
    }

    /// The live key that a slot stands for; nil when it has none.
    func youngest(inSlot slot: Int) -> Int? {
        if generations != nil { return number(inSlot: slot) }
        let last = end - 1
        guard last >= slot else { return nil }
        let number = last - (last - slot) % slotCount
        return number >= first ? number : nil
    }
}
