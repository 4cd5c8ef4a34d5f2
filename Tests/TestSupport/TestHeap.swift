import GoHeap

/// A heap for one test, destroyed after it.
package func withHeap<Result>(
    configuration: HeapConfiguration = HeapConfiguration(), _ body: (Heap) throws -> Result
) throws -> Result {
    var configuration = configuration
    configuration.reservedBytes = 8 << 30
    configuration.checksMarks = true
    let heap = try Heap(configuration)
    defer { heap.destroy() }
    return try body(heap)
}
