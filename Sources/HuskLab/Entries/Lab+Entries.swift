// Entries out: an iteration over the map in slices.

import GoHeap
import GoMap
import HuskSystem

/// An iteration over the entries that the map had, in Go's random order, while other clients go on. If the map is
/// replaced meanwhile, it goes on over the old one, as a Go loop does. Used by one thread.
package final class EntryIteration {
    private let lab: Lab
    /// Held on to: the lab may exchange its heap meanwhile.
    private let ownedHeap: OwnedHeap
    private let iterator: ShardedIterator
    /// The map's; the map itself may be gone.
    private let type: MapTypeRef
    private var remaining: Int

    fileprivate init(lab: Lab, limit: Int) {
        self.lab = lab
        remaining = limit
        lab.lock.lock()
        ownedHeap = lab.state.pointee.ownedHeap
        let map = lab.state.pointee.map
        iterator = ShardedIterator(map)
        type = map.type
        lab.lock.unlock()
    }

    deinit {
        lab.lock.lock()
        iterator.destroy()
        // The map that it went over may have been replaced meanwhile.
        lab.state.pointee.otherChangeCount &+= 1
        lab.lock.unlock()
    }

    package var keyType: GoType { type.name.key }
    package var valueType: GoType { type.name.value }

    /// Goes over the next entries with the lab's lock held, for about a slice.
    ///
    /// - Parameter visit: called with each key and value, which are good until it returns; must be quick. Answers whether
    ///   it takes more in this slice.
    /// - Returns: whether there may be more.
    package func next(_ visit: (_ key: Datum, _ value: Datum) -> Bool) -> Bool {
        lab.lock.letOthersIn()
        lab.lock.lock()
        defer { lab.lock.unlock() }
        let end = monotonicNanoseconds() + Lab.sliceNanoseconds
        repeat {
            for _ in 0..<16 {
                guard remaining > 0, let entry = iterator.next() else { return false }
                remaining -= 1
                if !visit(type.key(at: entry.key), type.value(at: entry.value) ?? .empty) { return remaining > 0 }
            }
        } while monotonicNanoseconds() < end
        return remaining > 0
    }
}

extension Lab {
    /// Starts to go over the entries.
    ///
    /// - Parameter limit: how many at most.
    package func iterateEntries(limit: Int = .max) -> EntryIteration {
        EntryIteration(lab: self, limit: limit)
    }
}
