import GoHeap

/// A heap that is unmapped when nobody uses it any more: a long operation may still be busy with one that the lab has
/// exchanged. The heap itself is used with the lab's lock held.
final class OwnedHeap: @unchecked Sendable {
    // SAFETY: a heap may be destroyed by any thread once nobody else uses it, which is when this goes.
    let heap: Heap

    init(_ configuration: HeapConfiguration) throws(HeapError) { heap = try Heap(configuration) }

    deinit { heap.destroy() }
}
