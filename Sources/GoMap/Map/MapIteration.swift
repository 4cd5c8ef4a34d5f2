// What the iterations of the layouts share: going through the marked slots of one bucket or group, and what ends them.
//
// A bucket or group is plain when its entries are where they are to be found, all of them wanted, and in the slots
// themselves. Of a plain one the marks of the entries are computed once; each step then only asks whether they still hold.

import GoHeap

/// What an iterator keeps outside the heap. Its address never changes, and its first `rootCount` words are roots of the
/// collector, key and value first.
protocol MapIteration {
    static var rootCount: Int { get }

    init(type: MapTypeRef, heap: Heap)

    /// The present entry; nil before the first one and after the last.
    var key: UnsafeMutableRawPointer? { get set }
    var value: UnsafeMutableRawPointer? { get set }
    var slots: SlotCursor { get set }

    /// The plain bucket or group that the iteration is in, if its marks still hold; nil when it is in none.
    var plainPlace: UnsafeMutableRawPointer? { get }

    /// Where key and value of a slot of a plain bucket or group are.
    func entry(_ slot: Int, of place: UnsafeMutableRawPointer) -> MapEntry

    /// Goes to the next entry by another way than the marks of a plain bucket or group. It may leave such marks
    /// for the next steps.
    static func advanceUnmarked(_ iteration: UnsafeMutablePointer<Self>)
}

/// Where an iteration is in a bucket or group of eight slots.
struct SlotCursor {
    /// The slot where each bucket or group is begun.
    var first = 0
    /// How many slots of the current one are done.
    var doneCount = 0
    /// High bits mark the entries still to come of a plain bucket or group, turned so that the first slot is lowest. 0 for
    /// others.
    var left: UInt64 = 0
    /// What the bucket or group said of its slots when `left` was set. Whatever happens to its entries changes it, or is no
    /// matter to an iteration.
    var word: UInt64 = 0

    /// Marks of slots, turned so that the first slot is lowest, without those that are done.
    @inline(__always)
    func remaining(of marks: UInt64, doneCount: Int) -> UInt64 {
        let turn = UInt64(first &* 8)
        let turned = marks &>> turn | marks &<< (64 &- turn)
        return doneCount < 8 ? turned & (~0 &<< UInt64(doneCount &* 8)) : 0
    }

    /// The slot at a place in the order in which slots are gone through.
    @inline(__always)
    func slot(at position: Int) -> Int { (position &+ first) & 7 }
}

extension MapIteration {
    /// Goes to the next entry: its addresses are in `key` and `value`, nil after the last one.
    ///
    /// PERF: in a plain bucket or group one comparison tells that the marks computed for it are good, whatever was done to the
    /// map meanwhile.
    ///
    /// - Complexity: O(1) amortised over the buckets or groups.
    @inline(__always)
    static func advance(_ iteration: UnsafeMutablePointer<Self>) {
        if iteration.pointee.slots.left != 0, let place = iteration.pointee.plainPlace {
            takeMarked(iteration, place)
        } else {
            advanceUnmarked(iteration)
        }
    }

    /// Makes the next marked entry of a plain bucket or group the current one.
    @inline(__always)
    static func takeMarked(_ iteration: UnsafeMutablePointer<Self>, _ place: UnsafeMutableRawPointer) {
        let left = iteration.pointee.slots.left
        let position = SlotWord.slot(ofLowestMark: left)
        iteration.pointee.slots.left = left & (left &- 1)
        iteration.pointee.slots.doneCount = position &+ 1
        let entry = iteration.pointee.entry(iteration.pointee.slots.slot(at: position), of: place)
        iteration.pointee.key = entry.key
        iteration.pointee.value = entry.value
    }

    /// Leaves no entry as the current one: that was the last.
    static func end(_ iteration: UnsafeMutablePointer<Self>) {
        iteration.pointee.key = nil
        iteration.pointee.value = nil
    }

    /// Goes to the next entry.
    ///
    /// - Returns: the entry; nil after the last one, and from then on.
    @inline(__always)
    static func next(_ iteration: UnsafeMutablePointer<Self>) -> MapEntry? {
        advance(iteration)
        guard let key = iteration.pointee.key, let value = iteration.pointee.value else { return nil }
        return MapEntry(key: key, value: value)
    }

    /// Goes over as many entries as there is room for.
    ///
    /// - Returns: how many entries there are; less than there is room for only at the end.
    static func next(
        _ iteration: UnsafeMutablePointer<Self>, into entries: UnsafeMutableBufferPointer<MapEntry>
    ) -> Int {
        for filled in entries.indices {
            guard let entry = next(iteration) else { return filled }
            entries.initializeElement(at: filled, to: entry)
        }
        return entries.count
    }
}
