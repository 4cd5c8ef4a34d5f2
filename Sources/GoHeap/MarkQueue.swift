// Objects that are marked and whose pointers have not been followed yet: the grey ones.
//
// A stack, so that marking goes depth first and the queue stays short. (Go: gcWork, runtime/mgcwork.go)

struct MarkQueue {
    private var items: UnsafeMutablePointer<UInt>?
    private(set) var count = 0
    private(set) var capacity = 0

    var isEmpty: Bool { count == 0 }
    var recordBytes: Int { capacity * MemoryLayout<UInt>.stride }

    @inline(__always)
    mutating func push(_ address: UInt) {
        if count == capacity { grow() }
        items.unsafelyUnwrapped[count] = address
        count &+= 1
    }

    /// The queue must not be empty.
    @inline(__always)
    mutating func pop() -> UInt {
        count &-= 1
        return items.unsafelyUnwrapped[count]
    }

    @inline(never)
    private mutating func grow() {
        let larger = max(1024, capacity * 2)
        let fresh = UnsafeMutablePointer<UInt>.allocate(capacity: larger)
        if let items {
            fresh.moveInitialize(from: items, count: count)
            items.deallocate()
        }
        items = fresh
        capacity = larger
    }

    mutating func destroy() {
        items?.deallocate()
        self = MarkQueue()
    }
}
