// A last-in first-out list of small values, in memory of its own outside the heap.

/// Objects that are marked and whose pointers have not been followed yet: the grey ones. A stack, so that marking goes
/// depth first and the queue stays short. (Go: gcWork, runtime/mgcwork.go)
typealias MarkQueue = RecordStack<UInt>

/// Spans of one class in one state. (Go: `spanSet`)
typealias SpanStack = RecordStack<SpanRef>

struct RecordStack<Element: BitwiseCopyable> {
    private var items: UnsafeMutablePointer<Element>?
    private(set) var count = 0
    private var capacity = 0

    var isEmpty: Bool { count == 0 }
    /// Bytes of the stack's own memory.
    var recordBytes: Int { capacity * MemoryLayout<Element>.stride }

    @inline(__always)
    mutating func push(_ element: Element) {
        if count == capacity { grow() }
        items.unsafelyUnwrapped[count] = element
        count &+= 1
    }

    /// The stack must not be empty.
    @inline(__always)
    mutating func pop() -> Element {
        count &-= 1
        return items.unsafelyUnwrapped[count]
    }

    mutating func popIfAny() -> Element? { count == 0 ? nil : pop() }

    @inline(never)
    private mutating func grow() {
        let larger = max(16, capacity * 2)
        let fresh = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        if let items {
            fresh.moveInitialize(from: items, count: count)
            items.deallocate()
        }
        items = fresh
        capacity = larger
    }

    mutating func destroy() {
        items?.deallocate()
        self = RecordStack()
    }
}
