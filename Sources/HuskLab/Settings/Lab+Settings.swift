// The settings of a running lab. A change takes effect at once, another profile with a heap of its own.

import GoHeap
import GoMap

extension Lab {
    package var settings: LabSettings {
        lock.lock()
        defer { lock.unlock() }
        return state.pointee.settings
    }

    /// Changes some settings, all at once or none.
    ///
    /// What a profile decides is fixed when a heap is made. So another profile starts over, as a programme that is built
    /// with that Go and started does: a fresh heap and, in that Go's layout, an empty map of the same type, hint and shards
    /// (a nil map stays nil). The entries are gone, and all figures start from 0.
    ///
    /// - Parameter change: values in their ranges (`SettingText`).
    /// - Returns: the settings in force then.
    /// - Throws: `LabError.noHeap`; nothing has changed.
    package func change(_ change: SettingsChange) throws(LabError) -> LabSettings {
        let keepsHeap = change.profile == nil || change.profile == self.settings.profile
        let settings = keepsHeap ? changeInPlace(change) : try exchangeHeap(change)
        background.wake()
        checks.wake()
        return settings
    }

    private func changeInPlace(_ change: SettingsChange) -> LabSettings {
        lock.lock()
        defer { unlock() }
        let settings = change.applied(to: state.pointee.settings)
        state.pointee.settings = settings
        state.pointee.heap.settings = settings.runtime
        return settings
    }

    private func exchangeHeap(_ change: SettingsChange) throws(LabError) -> LabSettings {
        var heapConfiguration = HeapConfiguration(profile: change.applied(to: settings).profile)
        heapConfiguration.settings = change.applied(to: settings).runtime
        heapConfiguration.timeScale = timeScale
        heapConfiguration.reservedBytes = reservedBytes
        let fresh: OwnedHeap
        do throws(HeapError) {
            fresh = try OwnedHeap(heapConfiguration)
        } catch {
            throw .noHeap(error)
        }
        lock.lock()
        if change.profile == state.pointee.settings.profile {
            // Another client was faster, and the heap is as new as can be.
            unlock()
            return changeInPlace(change)
        }
        let settings = change.applied(to: state.pointee.settings)
        fresh.heap.settings = settings.runtime
        let old = state.pointee.exchangeHeap(for: fresh)
        state.pointee.settings = settings
        unlock()
        // Here, without the lock, the old heap is unmapped, unless somebody is still busy with it.
        withExtendedLifetime(old) {}
        return settings
    }
}

extension LabState {
    /// Puts an empty heap, and on it an empty map like the one there is but in the layout of the heap's profile, in the
    /// old ones' place.
    ///
    /// - Returns: the old heap.
    fileprivate mutating func exchangeHeap(for fresh: OwnedHeap) -> OwnedHeap {
        let old = ownedHeap
        let seed = nextSeed()
        let freshMap =
            map.isNil
            ? ShardedMap.makeNil(
                map.type, heap: fresh.heap, seed: seed, count: map.shardCount, isGenerational: map.isGenerational)
            : ShardedMap.make(
                map.type, hint: hint, heap: fresh.heap, seed: seed, count: map.shardCount,
                isGenerational: map.isGenerational)
        endWorkOnMap()
        map.destroy()
        map = freshMap
        ownedHeap = fresh
        heap = fresh.heap
        otherChangeCount &+= 1
        deletesAtRebuild = deleteCount
        printedLineCount = 0
        return old
    }
}
