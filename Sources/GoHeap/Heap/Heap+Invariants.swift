// What must hold between two operations; each check traps with a message. For tests: O(heap).

extension Heap {
    /// Checks pages, spans, free slots and counts against each other.
    package func checkInvariants() {
        let heap = state.pointee
        let pages = heap.pages.checkInvariants()
        precondition(
            pages.takenPages == heap.statistics.inUsePages + heap.statistics.releasingPages,
            "\(pages.takenPages) pages are taken, \(heap.statistics.inUsePages) are counted as in use")
        precondition(
            pages.releasedPages == heap.statistics.releasedPages,
            "\(pages.releasedPages) pages are released, \(heap.statistics.releasedPages) are counted")

        var pagesInSpans = 0
        var scannablePages = 0
        var live = 0
        var unswept = 0
        var page = 0
        var orphans = 0
        let pageCount = heap.pages.pageCount
        while page < pageCount {
            guard let span = heap.spanOfPage[page] else {
                if heap.pages.isTaken(page) { orphans += 1 }
                page += 1
                continue
            }
            checkSpan(span, firstPage: page)
            pagesInSpans += span.pointee.pageCount
            if span.pointee.spanClass.hasPointers { scannablePages += span.pointee.pageCount }
            live += Int(span.pointee.allocCount) * span.pointee.objectBytes
            if span.pointee.sweepGeneration == heap.sweepGeneration &- 2 { unswept += 1 }
            page += span.pointee.pageCount
        }
        precondition(
            orphans == heap.statistics.releasingPages,
            "\(orphans) pages are taken and in no span, \(heap.statistics.releasingPages) are on their way to the kernel"
        )
        precondition(pagesInSpans == heap.statistics.inUsePages, "spans have \(pagesInSpans) pages")
        precondition(
            scannablePages == heap.statistics.scannablePages,
            "spans with pointers have \(scannablePages) pages")
        precondition(
            unswept == heap.unsweptSpans,
            "\(unswept) spans wait for the sweeper, \(heap.unsweptSpans) are counted")
        let stats = readMemStats()
        precondition(
            UInt64(live) == stats.heapAlloc,
            "spans hold \(live) bytes of objects, HeapAlloc is \(stats.heapAlloc)")
        stats.checkIdentities()
    }

    private func checkSpan(_ span: SpanRef, firstPage: Int) {
        let heap = state.pointee
        precondition(span.pointee.isInUse, "page \(firstPage) belongs to a span that was freed")
        precondition(
            span.pointee.base == heap.pageAddress(firstPage),
            "page \(firstPage) belongs to a span that starts elsewhere")
        for page in firstPage..<(firstPage + span.pointee.pageCount) {
            precondition(heap.spanOfPage[page] == span, "a span's pages name different spans")
            precondition(heap.pages.isTaken(page), "a span's page \(page) is free")
        }
        var allocated = 0
        for index in 0..<Int(span.pointee.objectCount) where span.pointee.isAllocated(index) {
            allocated += 1
        }
        precondition(
            allocated == Int(span.pointee.allocCount),
            "a span of \(span.pointee.objectBytes)-byte objects counts \(span.pointee.allocCount), has \(allocated)"
        )
        let generation = span.pointee.sweepGeneration &- heap.sweepGeneration
        precondition(
            generation == 0 || generation == 3 || generation == 0 &- 2,
            "a span of an unknown sweep generation")
        if !heap.isMarking && generation != 0 &- 2 {
            for word in 0..<span.pointee.bitmapWords {
                precondition(
                    span.pointee.markBits[word] == 0, "a swept span has marks and no cycle is marking")
            }
        }
    }

    /// Traces once more, from the roots, with a set of its own, and traps when an object is reachable and not marked:
    /// it would be freed. Called with marking done and nothing swept.
    func checkMarks() {
        var seen = Set<UInt>()
        var queue: [UInt] = []
        func reach(_ address: UInt, from origin: String) {
            guard state.pointee.contains(address) else { return }
            guard let span = state.pointee.spanOfPage[state.pointee.pageIndex(of: address)] else {
                fatalError("\(origin) points into a free page")
            }
            let index = span.pointee.objectIndex(of: address)
            precondition(
                index < Int(span.pointee.objectCount), "\(origin) points behind a span's last object")
            precondition(span.pointee.isAllocated(index), "\(origin) points to a free slot")
            precondition(
                span.pointee.isMarked(index),
                "\(origin) points to an unmarked object of \(span.pointee.objectBytes) bytes")
            let base = span.pointee.objectBase(index)
            if seen.insert(base).inserted && span.pointee.spanClass.hasPointers { queue.append(base) }
        }
        for roots in state.pointee.roots {
            for index in 0..<roots.count {
                if let pointer = roots.slots[index] { reach(UInt(bitPattern: pointer), from: "a root") }
            }
        }
        while let base = queue.popLast() {
            forEachPointer(ofObjectAt: base) { reach($0, from: "an object") }
        }
    }

    /// Whether an address points into an object that is allocated. O(1).
    package func isAllocatedObject(_ address: UnsafeRawPointer) -> Bool {
        let bits = UInt(bitPattern: address)
        guard state.pointee.contains(bits),
            let span = state.pointee.spanOfPage[state.pointee.pageIndex(of: bits)]
        else { return false }
        let index = span.pointee.objectIndex(of: bits)
        return index < Int(span.pointee.objectCount) && span.pointee.isAllocated(index)
    }

    /// Calls `body` with each pointer word of an object, by the plainest reading of its layout: the check must not
    /// share the marker's shortcuts.
    private func forEachPointer(ofObjectAt base: UInt, _ body: (UInt) -> Void) {
        let span = state.pointee.spanOfPage[state.pointee.pageIndex(of: base)]!
        func word(_ address: UInt) -> UInt { UnsafePointer<UInt>(bitPattern: address)!.pointee }
        func elements(_ type: ObjectType, from start: UInt, to end: UInt) {
            var element = start
            while element + UInt(type.byteCount) <= end {
                for index in 0..<type.pointerBytes / 8
                where type.mask[index / 64] >> UInt64(index % 64) & 1 != 0 {
                    body(word(element + UInt(index * 8)))
                }
                element += UInt(type.byteCount)
            }
        }
        let end = base + UInt(span.pointee.objectBytes)
        if let pointerBits = span.pointee.pointerBits {
            for index in 0..<span.pointee.objectBytes / 8 {
                let spanWord = Int(base - span.pointee.base) / 8 + index
                if pointerBits[spanWord / 64] >> UInt64(spanWord % 64) & 1 != 0 {
                    body(word(base + UInt(index * 8)))
                }
            }
        } else if let type = span.pointee.largeType {
            elements(type.pointee, from: base, to: span.pointee.limit)
        } else {
            let type = UnsafePointer<ObjectTypeRef>(bitPattern: base)!.pointee
            elements(type.pointee, from: base + UInt(HeapConstants.mallocHeaderBytes), to: end)
        }
    }
}

extension MemStats {
    /// Traps unless the identities at the top of MemStats.swift hold.
    package func checkIdentities() {
        precondition(heapSys == heapInuse + heapIdle, "HeapSys ≠ HeapInuse + HeapIdle")
        precondition(heapReleased <= heapIdle, "HeapReleased > HeapIdle")
        precondition(mallocs - frees == heapObjects, "Mallocs − Frees ≠ HeapObjects")
        precondition(alloc == heapAlloc, "Alloc ≠ HeapAlloc")
        precondition(
            sys == heapSys + stackSys + mspanSys + mcacheSys + buckHashSys + gcSys + otherSys,
            "Sys ≠ the sum of the …Sys fields")
        precondition(heapAlloc <= heapInuse, "HeapAlloc > HeapInuse")
    }
}
