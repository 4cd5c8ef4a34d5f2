// A look at all objects and spans, a slice at a time, while the owner and the collector go on in between.
//
//     note      the owner names objects that it wants told apart: what the entries of a map lead to, which a copy of it would
//               share, and what only they have
//     trace     everything that the roots lead to, with marks of the survey's own: the collector's are not touched
//     pages     span by span: how full each is, what a collection would leave in it, what of it is resident
//
// So garbage that no cycle has marked yet is told from what is live. What changes between two slices may be counted as it was or
// as it is; nothing is freed or moved because of a survey, and every look at an object asks first whether there is one.
//
// Marks are a bit for each object that a page could begin with, and a count of noted objects for each page: 1/64 of the small
// objects' spans, and less of the rest.
//
// Lock: as for `Heap`.

import Glibc
import HuskSystem

package final class HeapSurvey {
    private let state: UnsafeMutablePointer<HeapState>
    private let reservedBytes: Int
    // SAFETY: mapped for the whole reservation, and only touched where there are objects.
    private let marks: UnsafeMutablePointer<UInt64>
    private let noted: UnsafeMutablePointer<NotedCounts>

    /// Of a span, at its first page.
    private struct NotedCounts {
        var shared: UInt16
        var own: UInt16
    }

    /// What to scan, and how far it has been.
    private struct Item {
        var base: UInt
        var offset: Int
    }
    private var queue: [Item] = []

    private var census = HeapCensus()
    private var page = 0
    /// The span of the last page that was read, and where its pages are counted.
    private var span: SpanRef?
    private var isLive = false
    private var hasShared = false
    private var hasOther = false
    private var classes = [HeapCensus.OfClass](repeating: HeapCensus.OfClass(), count: SizeClasses.count)
    private var residency = [UInt8](
        repeating: 0,
        count: max(1, PageAllocator.chunkPages * HeapConstants.pageBytes / OperatingSystem.physicalPageBytes))
    private var residencyChunk = -1

    /// Bits for each page: as many as it may have objects.
    private static let markWordsPerPage = HeapConstants.pageBytes / 8 / 64
    /// Of a large object, what is scanned at a time.
    private static let pieceBytes = 8 << 10

    /// Begins a survey; the heap must outlive it.
    ///
    /// - Returns: nil when the kernel refuses the address space.
    package init?(_ heap: Heap) {
        state = heap.state
        reservedBytes = heap.state.pointee.reservedBytes
        let pageCount = reservedBytes >> HeapConstants.pageShift
        guard let marks = OperatingSystem.map(byteCount: pageCount * Self.markWordsPerPage * 8) else { return nil }
        guard let counts = OperatingSystem.map(byteCount: pageCount * MemoryLayout<NotedCounts>.stride) else {
            OperatingSystem.unmap(marks, byteCount: pageCount * Self.markWordsPerPage * 8)
            return nil
        }
        self.marks = marks.assumingMemoryBound(to: UInt64.self)
        noted = counts.assumingMemoryBound(to: NotedCounts.self)
    }

    deinit {
        let pageCount = reservedBytes >> HeapConstants.pageShift
        OperatingSystem.unmap(marks, byteCount: pageCount * Self.markWordsPerPage * 8)
        OperatingSystem.unmap(noted, byteCount: pageCount * MemoryLayout<NotedCounts>.stride)
    }

    /// Marks an object.
    ///
    /// - Returns: whether it was not marked before.
    @inline(__always)
    private func mark(_ span: SpanRef, _ index: Int) -> Bool {
        let word = state.pointee.pageIndex(of: span.pointee.base) &* Self.markWordsPerPage &+ index &>> 6
        let bit: UInt64 = 1 &<< UInt64(index & 63)
        if marks[word] & bit != 0 { return false }
        marks[word] |= bit
        return true
    }

    /// The allocated object that an address lies in; nil when there is none.
    @inline(__always)
    private func object(at address: UInt) -> (span: SpanRef, index: Int)? {
        guard state.pointee.contains(address),
            let span = state.pointee.spanOfPage[state.pointee.pageIndex(of: address)]
        else { return nil }
        let index = span.pointee.objectIndex(of: address)
        guard index < Int(span.pointee.objectCount), span.pointee.isAllocated(index) else { return nil }
        return (span, index)
    }
}

extension HeapSurvey {
    // MARK: Noting

    /// Notes the object that an address lies in; what is outside the heap is passed over. All that is to be noted comes before
    /// `startTracing`, and what a noted object points to is to be noted too.
    ///
    /// - Parameter isShared: whether others may hold it too.
    @inline(__always)
    package func note(_ address: UnsafeRawPointer?, isShared: Bool) {
        guard let address, let (span, index) = object(at: UInt(bitPattern: address)), mark(span, index) else {
            return
        }
        let page = state.pointee.pageIndex(of: span.pointee.base)
        if isShared {
            census.sharedBytes &+= span.pointee.objectBytes
            noted[page].shared &+= 1
        } else {
            census.ownBytes &+= span.pointee.objectBytes
            noted[page].own &+= 1
        }
    }

    // MARK: Tracing

    package func startTracing() {
        census.reachableBytes = census.sharedBytes + census.ownBytes
        for roots in state.pointee.roots {
            for index in 0..<roots.count { visit(UInt(bitPattern: roots.slots[index])) }
        }
    }

    /// Goes on tracing.
    ///
    /// - Parameter deadline: when to stop, in monotonic nanoseconds; exceeded by what some pieces of 8 KiB take.
    /// - Returns: whether there is more to do.
    package func trace(until deadline: UInt64) -> Bool {
        var steps = 0
        while let item = queue.popLast() {
            scan(item)
            steps &+= 1
            if steps & 7 == 0, monotonicNanoseconds() >= deadline { break }
        }
        return !queue.isEmpty
    }

    @inline(__always)
    private func visit(_ address: UInt) {
        guard let (span, index) = object(at: address), mark(span, index) else { return }
        census.reachableBytes &+= span.pointee.objectBytes
        if span.pointee.layout != .none { queue.append(Item(base: span.pointee.objectBase(index), offset: 0)) }
    }

    /// Visits what an object, or a piece of a large one, points to.
    private func scan(_ item: Item) {
        guard let (span, _) = object(at: item.base) else { return }
        switch span.pointee.layout {
        case .none: break
        case .bits: visit(span.pointee.readPointerBits(at: item.base), of: item.base)
        case .longBits:
            let firstWord = Int(bitPattern: item.base &- span.pointee.base) / 8
            let wordCount = span.pointee.objectBytes / 8
            for word in stride(from: 0, to: wordCount, by: 64) {
                var bits = span.pointee.longPointerBits(fromWord: firstWord + word)
                if wordCount - word < 64 { bits &= (1 << UInt64(wordCount - word)) - 1 }
                visit(bits, of: item.base + UInt(word * 8))
            }
        case .header:
            let type = UnsafePointer<ObjectTypeRef>(bitPattern: item.base).unsafelyUnwrapped.pointee
            visitElements(
                type, from: item.base + UInt(HeapConstants.mallocHeaderBytes),
                to: item.base + UInt(span.pointee.objectBytes))
        case .large:
            guard let type = span.pointee.largeType else { return }
            let byteCount = Int(bitPattern: span.pointee.limit &- span.pointee.base)
            let elementBytes = type.pointee.byteCount
            let end = item.offset + max(1, Self.pieceBytes / elementBytes) * elementBytes
            // The rest waits below what this piece leads to, so that the queue stays short.
            if end < byteCount { queue.append(Item(base: item.base, offset: end)) }
            visitElements(
                type, from: item.base + UInt(item.offset), to: item.base + UInt(min(end, byteCount)))
        }
    }

    private func visitElements(_ type: ObjectTypeRef, from start: UInt, to end: UInt) {
        let elementBytes = UInt(type.pointee.byteCount)
        let maskWords = (type.pointee.pointerBytes / 8 + 63) / 64
        var element = start
        while element + elementBytes <= end {
            for word in 0..<maskWords { visit(type.pointee.mask[word], of: element + UInt(word * 512)) }
            element += elementBytes
        }
    }

    /// Visits the words from an address on whose bits are set.
    @inline(__always)
    private func visit(_ pointerBits: UInt64, of address: UInt) {
        var bits = pointerBits
        let words = UnsafePointer<UInt>(bitPattern: address).unsafelyUnwrapped
        while bits != 0 {
            visit(words[bits.trailingZeroBitCount])
            bits &= bits &- 1
        }
    }
}

extension HeapSurvey {
    // MARK: Pages

    /// Goes on over the pages, from the lowest to the highest.
    ///
    /// - Parameter deadline: when to stop, in monotonic nanoseconds.
    /// - Returns: whether there are more.
    package func readPages(until deadline: UInt64) -> Bool {
        while page < state.pointee.pages.pageCount {
            let chunkEnd = min(
                (page / PageAllocator.chunkPages + 1) * PageAllocator.chunkPages, state.pointee.pages.pageCount)
            readResidency(of: page / PageAllocator.chunkPages)
            while page < chunkEnd {
                readPage()
                if page & 63 == 0, monotonicNanoseconds() >= deadline { return true }
            }
        }
        return false
    }

    /// What was found.
    package func finished() -> HeapCensus {
        census.classes = classes.filter { $0.spanCount > 0 }
        return census
    }

    private func readPage() {
        let residentBytes = residentBytes(ofPage: page)
        if let span = state.pointee.spanOfPage[page] {
            if span != self.span || span.pointee.base == state.pointee.pageAddress(page) { count(span) }
            census.inSpans.add(page: residentBytes)
            if isLive { census.live.add(page: residentBytes) }
            if hasShared { census.withShared.add(page: residentBytes) }
            if hasOther { census.withOther.add(page: residentBytes) }
        } else {
            let word = state.pointee.pages.released[page >> 6]
            if word >> UInt64(page & 63) & 1 != 0 {
                census.released.add(page: residentBytes)
            } else {
                census.idle.add(page: residentBytes)
            }
        }
        page += 1
    }

    /// Counts a span, and what its pages count as.
    private func count(_ span: SpanRef) {
        self.span = span
        let object = span.pointee
        let firstPage = state.pointee.pageIndex(of: object.base)
        let allocated = Int(object.allocCount)
        var reachable = 0
        for word in 0..<object.bitmapWords {
            reachable += marks[firstPage * Self.markWordsPerPage + word].nonzeroBitCount
        }
        reachable = min(reachable, allocated)
        let (shared, own) = (Int(noted[firstPage].shared), Int(noted[firstPage].own))
        isLive = reachable > 0
        hasShared = shared > 0
        hasOther = reachable > shared + own
        if object.sweepGeneration == state.pointee.sweepGeneration &- 2 {
            var marked = 0
            for word in 0..<object.bitmapWords { marked += object.markBits[word].nonzeroBitCount }
            census.unsweptBytes += max(0, allocated - marked) * object.objectBytes
        }
        let spanBytes = object.pageCount << HeapConstants.pageShift
        let allocatedBytes = allocated * object.objectBytes
        census.tailBytes += spanBytes - Int(object.objectCount) * object.objectBytes
        let sizeClass = object.spanClass.sizeClass
        classes[sizeClass].objectBytes = object.spanClass.isLarge ? 0 : object.objectBytes
        classes[sizeClass].spanCount += 1
        classes[sizeClass].spanBytes += spanBytes
        classes[sizeClass].allocatedBytes += allocatedBytes
        if Double(allocatedBytes) < HeapCensus.sparseShare * Double(spanBytes) {
            classes[sizeClass].sparseSpanCount += 1
            classes[sizeClass].sparseSpanBytes += spanBytes
            classes[sizeClass].sparseAllocatedBytes += allocatedBytes
        }
    }

    /// Asks the kernel which pages of a chunk are resident.
    private func readResidency(of chunk: Int) {
        if chunk == residencyChunk { return }
        residencyChunk = chunk
        let first = chunk * PageAllocator.chunkPages
        let bytes =
            (min(first + PageAllocator.chunkPages, state.pointee.pages.pageCount) - first) << HeapConstants.pageShift
        let address = UnsafeMutableRawPointer(bitPattern: state.pointee.pageAddress(first))
        if mincore(address, bytes, &residency) != 0 {
            for index in residency.indices { residency[index] = 0 }
        }
    }

    private func residentBytes(ofPage page: Int) -> Int {
        let physicalBytes = OperatingSystem.physicalPageBytes
        let offset = page % PageAllocator.chunkPages << HeapConstants.pageShift
        if physicalBytes >= HeapConstants.pageBytes {
            return residency[offset / physicalBytes] & 1 != 0 ? HeapConstants.pageBytes : 0
        }
        var bytes = 0
        for index in offset / physicalBytes..<(offset + HeapConstants.pageBytes) / physicalBytes
        where residency[index] & 1 != 0 { bytes += physicalBytes }
        return bytes
    }
}

// SAFETY: used with the lock of the heap's owner held, by one thread at a time.
extension HeapSurvey: @unchecked Sendable {}
