// Marking: what the roots lead to is live. (Go: runtime/mgcmark.go)
//
// Three colours: white = not marked; grey = marked and in the queue; black = marked and scanned. An object without
// pointers is black as soon as it is marked. While a cycle marks, operations go on between its slices, and these hold:
//
//   1. A pointer stored into the heap makes what it points to grey (Heap+Store.swift: an insertion barrier, as
//      Dijkstra's). So no black object ever points to a white one.
//   2. A new object is black.
//   3. Marking ends in one step that marks from the roots once more and finds nothing grey.
//
// Marker.swift has the marking itself, MarkCrew.swift the threads that help.
//
// A store also makes grey what it overwrites, as Go's hybrid barrier does for the sake of stacks. Husk has no stacks to
// scan (see safepoints in Heap.swift) and would be correct without; but then the overflow buckets that a growing map
// drops during a cycle would be freed a cycle earlier than Go frees them, and their spans be reused and fragmented
// in a way that Go's are not: HeapInuse would differ by hundreds of KB.

import HuskSystem

/// Words outside the heap that hold pointers into it.
struct Roots {
    let slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    let count: Int
}

extension Heap {
    /// Makes words outside the heap roots. They must stay where they are until `removeRoots`.
    package func addRoots(_ slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>, count: Int) {
        state.pointee.roots.append(Roots(slots: slots, count: count))
    }

    /// Takes back what `addRoots` was called with. O(roots).
    package func removeRoots(_ slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let index = state.pointee.roots.lastIndex(where: { $0.slots == slots }) else {
            preconditionFailure("roots are removed that were never added")
        }
        state.pointee.roots.swapAt(index, state.pointee.roots.count - 1)
        state.pointee.roots.removeLast()
    }

    func markRoots() {
        for roots in state.pointee.roots {
            for index in 0..<roots.count {
                if let pointer = roots.slots[index] { shade(UInt(bitPattern: pointer)) }
            }
        }
    }

    /// Makes the object that `address` points into grey, if it is white. Addresses outside the heap are ignored.
    @inline(__always)
    func shade(_ address: UInt) {
        guard state.pointee.contains(address) else { return }
        guard let span = state.pointee.spanOfPage[state.pointee.pageIndex(of: address)] else {
            fatalError("a pointer into a free page: \(String(address, radix: 16))")
        }
        let index = span.pointee.objectIndex(of: address)
        let word = span.pointee.markBits + index &>> 6
        let bit: UInt64 = 1 &<< UInt64(index & 63)
        if word.pointee & bit != 0 { return }
        word.pointee |= bit
        let objectBytes = span.pointee.objectBytes
        state.pointee.cycle.markedBytes &+= objectBytes
        if span.pointee.layout != .none { state.pointee.markQueue.push(span.pointee.objectBase(index)) }
    }

    /// Makes an object that was just allocated black.
    func markNew(_ span: SpanRef, index: Int) {
        span.pointee.markBits[index &>> 6] |= 1 &<< UInt64(index & 63)
        state.pointee.cycle.markedBytes &+= span.pointee.objectBytes
    }

    /// Scans grey objects until the budget is used up or none is left. With more than one processor allowed, and enough to
    /// do, the crew helps.
    ///
    /// - Parameter start: when the budget's time began, in monotonic nanoseconds.
    /// - Returns: the bytes that were scanned, and the time that other threads spent.
    func drain(_ budget: MarkBudget, from start: UInt64) -> (scannedBytes: Int, helpNanoseconds: UInt64) {
        let (end, overflow) = start.addingReportingOverflow(budget.nanoseconds)
        let deadline = overflow ? UInt64.max : end
        let scanned = drainAlone(
            byteLimit: min(budget.byteCount, mayHaveHelp ? Self.bytesBeforeHelp : .max),
            deadline: deadline)
        let left = budget.byteCount - scanned
        guard mayHaveHelp, left > 0, state.pointee.markQueue.count > 1,
            monotonicNanoseconds() < deadline
        else { return (scanned, 0) }
        let help = crew().drain(state.pointee.marker, deadline: deadline, byteLimit: left)
        return (scanned + help.0, help.1)
    }

    private var mayHaveHelp: Bool { state.pointee.settings.maxProcs > 1 }

    /// What one thread scans before it asks for help: a fraction of the time that a helper takes to wake.
    private static let bytesBeforeHelp = 64 << 10
    /// The clock is looked at after scanning so much.
    static let bytesBetweenChecks = 32 << 10

    private func crew() -> MarkCrew {
        if let crew = state.pointee.crew { return crew }
        let crew = MarkCrew(state, helperCount: state.pointee.settings.maxProcs - 1)
        state.pointee.crew = crew
        return crew
    }

    /// Ends the crew's threads: there are to be others, or none. The next slice that wants help starts them.
    func dismissCrew() {
        state.pointee.crew?.stop()
        state.pointee.crew = nil
    }

    private func drainAlone(byteLimit: Int, deadline: UInt64) -> Int {
        let marker = state.pointee.marker
        marker.pointee.begin(state, isShared: false)
        swap(&marker.pointee.queue, &state.pointee.markQueue)
        var nextCheck = Self.bytesBetweenChecks
        var steps = 0
        while marker.pointee.scannedBytes < byteLimit, marker.pointee.step() {
            steps &+= 1
            if marker.pointee.scannedBytes &+ steps &* 32 >= nextCheck {
                nextCheck &+= Self.bytesBetweenChecks
                if deadline != .max && monotonicNanoseconds() >= deadline { break }
            }
        }
        marker.pointee.markFound()
        swap(&marker.pointee.queue, &state.pointee.markQueue)
        state.pointee.cycle.markedBytes &+= marker.pointee.markedBytes
        return marker.pointee.scannedBytes
    }
}
