// Which keys expire when, by the second of a stream's clock.
//
//     dues      fingerprint ──► the second in which the key expires, and the page that has it
//     pages     second ──► keys that may expire in it
//     seconds   a heap of the pages' seconds, the least first
//
// A key that gets a longer life stays on its page, and moves on to another when that page is read; one with a shorter life is
// put on an earlier page too. So a key that is written all the time does not fill the book.

struct ExpiryBook {
    private struct Due {
        var second: Int64
        /// The earliest page that has the key.
        var pageSecond: Int64
    }

    private var dues: [KeyFingerprint: Due] = [:]
    private var pages: [Int64: ExpiryPage] = [:]
    private var seconds = SecondHeap()
    /// The page that is being read.
    private var open: (page: ExpiryPage, second: Int64)?
    /// Those that were read since `forgetRead`: the keys on them have been handed out.
    private var read: [ExpiryPage] = []
    private var pageBytes = 0

    /// What the book takes of memory, roughly.
    var memoryBytes: Int {
        pageBytes + dues.capacity * (MemoryLayout<KeyFingerprint>.stride + MemoryLayout<Due>.stride + 1) + pages.count
            * 200
    }

    func has(_ key: KeyFingerprint) -> Bool { dues[key] != nil }

    /// A key expires in a second, whatever was said before.
    mutating func enter(_ key: KeyFingerprint, _ bytes: UnsafeRawBufferPointer, second: Int64) {
        if let due = dues[key], due.pageSecond <= second {
            dues[key] = Due(second: second, pageSecond: due.pageSecond)
            return
        }
        dues[key] = Due(second: second, pageSecond: second)
        write(key, bytes, second)
    }

    /// A key will not expire.
    mutating func strike(_ key: KeyFingerprint) { dues[key] = nil }

    /// No key will expire.
    mutating func strikeAll() {
        dues.removeAll()
        for page in pages.values { pageBytes -= page.capacityBytes }
        pages.removeAll()
        seconds.removeAll()
        if let open { read.append(open.page) }
        open = nil
    }

    /// The keys that `next` gave are not used any more.
    mutating func forgetRead() {
        for page in read { pageBytes -= page.capacityBytes }
        read.removeAll(keepingCapacity: true)
    }

    /// Strikes a key that expires by a second.
    /// - Returns: its bytes, good until `forgetRead`; nil when there is none any more.
    mutating func next(by now: Int64) -> UnsafeRawBufferPointer? {
        while true {
            guard let (page, pageSecond) = open else {
                guard let second = seconds.least, second <= now else { return nil }
                seconds.removeLeast()
                if let page = pages.removeValue(forKey: second) { open = (page, second) }
                continue
            }
            guard let (key, bytes) = page.next() else {
                read.append(page)
                open = nil
                continue
            }
            // Struck since, or on an earlier page than this.
            guard let due = dues[key], due.pageSecond == pageSecond else { continue }
            if due.second <= now {
                dues[key] = nil
                return bytes
            }
            dues[key] = Due(second: due.second, pageSecond: due.second)
            write(key, bytes, due.second)
        }
    }

    private mutating func write(_ key: KeyFingerprint, _ bytes: UnsafeRawBufferPointer, _ second: Int64) {
        let page: ExpiryPage
        if let there = pages[second] {
            page = there
        } else {
            page = ExpiryPage()
            pages[second] = page
            seconds.insert(second)
        }
        let before = page.capacityBytes
        page.append(key, bytes)
        pageBytes += page.capacityBytes - before
    }
}

/// Keys one after the other: a fingerprint, a length, the bytes. Written first, then read.
private final class ExpiryPage {
    // SAFETY: `written` bytes of `capacityBytes` are initialized; freed in deinit.
    private var memory: UnsafeMutableRawPointer?
    private(set) var capacityBytes = 0
    private var written = 0
    private var place = 0

    private static let headBytes = 12

    deinit { memory?.deallocate() }

    func append(_ key: KeyFingerprint, _ bytes: UnsafeRawBufferPointer) {
        let end = written + Self.headBytes + bytes.count
        if end > capacityBytes {
            let capacity = max(256, 2 * capacityBytes, end)
            let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
            if let memory { grown.copyMemory(from: memory, byteCount: written) }
            memory?.deallocate()
            (memory, capacityBytes) = (grown, capacity)
        }
        let start = memory.unsafelyUnwrapped + written
        start.storeBytes(of: key.bits, as: UInt64.self)
        start.storeBytes(of: UInt32(bytes.count), toByteOffset: 8, as: UInt32.self)
        if let source = bytes.baseAddress { (start + Self.headBytes).copyMemory(from: source, byteCount: bytes.count) }
        written = end
    }

    func next() -> (KeyFingerprint, UnsafeRawBufferPointer)? {
        guard place < written, let memory else { return nil }
        let start = memory + place
        let count = Int(start.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        place += Self.headBytes + count
        return (
            KeyFingerprint(bits: start.loadUnaligned(as: UInt64.self)),
            UnsafeRawBufferPointer(start: start + Self.headBytes, count: count)
        )
    }
}

/// The least of some seconds at hand: a binary heap.
private struct SecondHeap {
    private var seconds: [Int64] = []

    var least: Int64? { seconds.first }

    mutating func removeAll() { seconds.removeAll() }

    mutating func insert(_ second: Int64) {
        seconds.append(second)
        var child = seconds.count - 1
        while child > 0, case let parent = (child - 1) / 2, seconds[child] < seconds[parent] {
            seconds.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeLeast() {
        seconds.swapAt(0, seconds.count - 1)
        seconds.removeLast()
        var parent = 0
        while case let left = 2 * parent + 1, left < seconds.count {
            let child = left + 1 < seconds.count && seconds[left + 1] < seconds[left] ? left + 1 : left
            if seconds[parent] <= seconds[child] { return }
            seconds.swapAt(parent, child)
            parent = child
        }
    }
}
