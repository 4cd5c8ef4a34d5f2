// What the heap counts, and MemStats made of it. (Go: runtime/mstats.go)

import HuskSystem

extension Heap {
    /// Bytes of pages in spans, garbage included (MemStats' HeapInuse). O(1).
    package var inUseBytes: Int { state.pointee.statistics.inUsePages << HeapConstants.pageShift }

    /// Cycles that have ended. O(1).
    package var cycleCount: Int { Int(state.pointee.cycle.count) }

    /// Processor time that the collector has taken so far. O(1).
    package var collectorNanoseconds: UInt64 { state.pointee.cycle.workNanoseconds }

    /// MemStats' HeapAlloc, without emptying the cache: for whoever looks often. O(size classes).
    package var allocatedBytes: Int {
        let heap = state.pointee
        var bytes = heap.countedObjectBytes
        for raw in 0..<SpanClass.count {
            let count = Int(heap.cache[raw].pointee.allocCount &- heap.cache[raw].pointee.allocCountBeforeCache)
            bytes += count * heap.classes.bytes[SpanClass(raw: raw).sizeClass]
        }
        return bytes
    }

    /// Address space that the heap has taken from the system (MemStats' HeapSys). O(1).
    package var systemBytes: Int { state.pointee.systemBytes }

    /// Bytes that the kernel has back (MemStats' HeapReleased). O(1).
    package var releasedBytes: Int { state.pointee.statistics.releasedPages << HeapConstants.pageShift }

    /// Objects ever allocated (MemStats' Mallocs), without emptying the cache.
    var allocationCount: Int {
        let heap = state.pointee
        var count = heap.statistics.largeMallocs + heap.statistics.tinyMallocs + heap.tiny.uncountedAllocs
        for sizeClass in 0..<SizeClasses.count { count += heap.statistics.bySize[sizeClass].mallocs }
        for raw in 0..<SpanClass.count {
            count += Int(heap.cache[raw].pointee.allocCount &- heap.cache[raw].pointee.allocCountBeforeCache)
        }
        return count
    }

    /// A snapshot of all figures. Closes the open tiny block and empties the cache, as Go does; does not collect.
    package func readMemStats() -> MemStats {
        flushCache()
        return peekMemStats()
    }

    /// The same snapshot, but for whoever looks again and again by himself: what is allocated next goes where it would have
    /// gone.
    package func peekMemStats() -> MemStats {
        let heap = state.pointee
        let counts = heap.statistics
        var stats = MemStats()
        var totalAlloc = counts.largeMallocBytes
        var totalFree = counts.largeFreedBytes
        let tinyMallocs = counts.tinyMallocs + heap.tiny.uncountedAllocs
        var mallocs = counts.largeMallocs + tinyMallocs
        var frees = counts.largeFrees + tinyMallocs
        for sizeClass in 0..<SizeClasses.count {
            var ofSize = counts.bySize[sizeClass]
            ofSize.mallocs += heap.uncountedAllocs(sizeClass)
            let objectBytes = heap.classes.bytes[sizeClass]
            totalAlloc += ofSize.mallocs * objectBytes
            totalFree += ofSize.frees * objectBytes
            mallocs += ofSize.mallocs
            frees += ofSize.frees
            if sizeClass < MemStats.sizeClassesShown {
                stats.bySize.append(
                    MemStats.SizeStatistics(
                        size: UInt32(objectBytes), mallocs: UInt64(ofSize.mallocs),
                        frees: UInt64(ofSize.frees)))
            }
        }
        stats.alloc = UInt64(totalAlloc - totalFree)
        stats.heapAlloc = stats.alloc
        stats.totalAlloc = UInt64(totalAlloc)
        stats.mallocs = UInt64(mallocs)
        stats.frees = UInt64(frees)
        stats.heapObjects = stats.mallocs - stats.frees

        stats.heapSys = UInt64(heap.systemBytes)
        stats.heapInuse = UInt64(counts.inUsePages << HeapConstants.pageShift)
        stats.heapIdle = stats.heapSys - stats.heapInuse
        stats.heapReleased = UInt64(counts.releasedPages << HeapConstants.pageShift)

        stats.mspanInuse = UInt64(heap.spanPool.inUseBytes)
        stats.mspanSys = UInt64(heap.spanPool.mappedBytes)
        stats.mcacheInuse = UInt64(SpanClass.count * MemoryLayout<SpanRef>.stride)
        stats.mcacheSys = stats.mcacheInuse
        stats.gcSys = UInt64(heap.collectorRecordBytes)
        stats.otherSys = UInt64(heap.otherRecordBytes)
        stats.sys =
            stats.heapSys + stats.stackSys + stats.mspanSys + stats.mcacheSys + stats.buckHashSys
            + stats.gcSys
            + stats.otherSys

        let cycle = heap.cycle
        stats.nextGC = heap.nextGCBytes
        stats.lastGC = cycle.lastEndWallNanoseconds
        stats.pauseTotalNs = cycle.pauseTotalNanoseconds
        stats.pauseNs = cycle.pauses
        stats.pauseEnd = cycle.pauseEnds
        stats.numGC = cycle.count
        stats.numForcedGC = cycle.forcedCount
        stats.enableGC = heap.settings.gcPercent != nil
        let elapsed = monotonicNanoseconds() - heap.clock.bornNanoseconds
        stats.gcCPUFraction =
            Double(cycle.workNanoseconds) / (Double(max(1, elapsed)) * Double(heap.settings.maxProcs))
        return stats
    }
}

extension HeapState {
    /// Objects allocated from the cached spans of a size class, which are counted when those leave the cache.
    fileprivate func uncountedAllocs(_ sizeClass: Int) -> Int {
        var count = 0
        for raw in 2 * sizeClass...2 * sizeClass + 1 {
            count += Int(cache[raw].pointee.allocCount &- cache[raw].pointee.allocCountBeforeCache)
        }
        return count
    }

    /// Bitmaps, the mark queue, and the page table of what has been grown.
    var collectorRecordBytes: Int {
        var bytes = markQueue.recordBytes
        for words in 0..<Self.bitmapPoolCount { bytes += bitmapPools[words].mappedBytes }
        if outsideBits != nil { bytes += systemBytes / 64 }
        return bytes + pages.pageCount * MemoryLayout<SpanRef?>.stride
    }

    /// The limit, if the profile has one.
    var memoryLimitBytes: Int? { configuration.profile.hasMemoryLimit ? settings.memoryLimitBytes : nil }

    /// Bytes of objects whose allocation and freeing have been counted: all but those of cached spans.
    var countedObjectBytes: Int {
        var bytes = statistics.largeMallocBytes - statistics.largeFreedBytes
        for sizeClass in 1..<SizeClasses.count {
            bytes +=
                (statistics.bySize[sizeClass].mallocs - statistics.bySize[sizeClass].frees)
                * classes.bytes[sizeClass]
        }
        return bytes
    }

    /// What the memory limit's goal depends on. PERF: nothing is counted when there is no limit.
    func pacerMemory() -> Pacer.Memory { memoryLimitBytes.map(pacerMemory(limitBytes:)) ?? Pacer.Memory() }

    private func pacerMemory(limitBytes: Int) -> Pacer.Memory {
        Pacer.Memory(
            limitBytes: limitBytes, headroomPercent: configuration.profile.limitHeadroomPercent,
            freeBytes: heapRetainedBytes - statistics.inUsePages << HeapConstants.pageShift,
            objectBytes: countedObjectBytes, mappedBytes: heapRetainedBytes + recordBytes)
    }

    /// The goal as MemStats and gctrace have it. With GOGC off and no limit it is that of the limit of 2⁶³ − 1 bytes that
    /// there then is in Go, and all ones where there are no limits. (Go: heapGoal)
    var nextGCBytes: UInt64 {
        var goal = pacer.goalBytes(pacerMemory())
        if goal == .max {
            guard configuration.profile.hasMemoryLimit else { return .max }
            goal = pacer.goalBytes(pacerMemory(limitBytes: .max))
        }
        return UInt64(goal)
    }

    /// All bytes of the heap's own records: Sys − HeapSys.
    var recordBytes: Int {
        spanPool.mappedBytes + SpanClass.count * MemoryLayout<SpanRef>.stride + collectorRecordBytes
            + otherRecordBytes
    }

    /// Page bitmaps and lists of spans.
    var otherRecordBytes: Int {
        var bytes = pages.recordBytes
        for raw in 0..<SpanClass.count { bytes += central[raw].recordBytes }
        return bytes
    }
}
