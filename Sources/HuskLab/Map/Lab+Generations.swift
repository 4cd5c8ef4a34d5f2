// A map of two generations: reads that move entries, and the end of a generation.

import GoHeap
import GoMap
import HuskSystem

extension Lab {
    /// `v, ok := m[key]` of a workload's, with the lock held: of generations the entry becomes young if there is room, and a
    /// migration goes on.
    ///
    /// - Parameter hash: of the key, if it is at hand.
    /// - Returns: the address of the value, good until the next operation or collection; nil when the key is not there.
    @inline(__always)
    func read(_ key: Datum, hash: KeyHash? = nil) -> UnsafeMutableRawPointer? {
        state.pointee.migrate()
        let map = state.pointee.map
        if map.isGenerational { return readPromoting(key, hash) }
        return if let hash { map.access(key, hash: hash) } else { map.access(key) }
    }

    /// `v, ok := m[key]` of a client's, of generations, with the lock held; its value's text is appended.
    ///
    /// PERF: apart: all that other maps need is one branch.
    @inline(never)
    func getPromoting(_ key: Datum, into output: inout ByteBuffer) -> GetOutcome {
        guard let slot = readPromoting(key, nil) else { return .missing }
        let map = state.pointee.map
        let codec = map.type.pointee.valueText
        codec.append(map.value(at: slot), to: &output)
        // The young map may have grown.
        collectIfDue()
        if state.pointee.heap.hasCollectionWork { collector.wake() }
        return .found(isText: codec.isText)
    }

    @inline(never)
    private func readPromoting(_ key: Datum, _ hash: KeyHash?) -> UnsafeMutableRawPointer? {
        state.pointee.map.accessPromoting(key, hash: hash) {
            state.pointee.otherChangeCount &+= 1
            return hasRoom(for: key, byteCount: key.count)
        }
    }

    /// The old generation goes, the young one grows old. Called with `copying` held.
    func rotateGenerations() {
        lock.lock()
        defer { unlock() }
        guard state.pointee.map.isGenerational, !state.pointee.map.isNil else { return }
        // What has been copied of the old generation would come back.
        state.pointee.endMigration(.cancelled)
        state.pointee.map.rotate()
        state.pointee.otherChangeCount &+= 1
        state.pointee.deletesAtRebuild = state.pointee.deleteCount
    }
}
