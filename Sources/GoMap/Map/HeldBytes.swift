// Bytes of the heap that objects of a map take.

import GoHeap

extension Heap {
    /// Bytes of the heap that an object of `byteCount` bytes takes, its size class's rounding and the type
    /// word of larger objects with pointers included.
    func heldByteCount(_ byteCount: Int, hasPointers: Bool) -> Int {
        // `roundUpSize` leaves out the type word. Less by that word it is no size class, and rounds up to its own.
        let usable = roundUpSize(byteCount, hasPointers: hasPointers)
        return roundUpSize(usable, hasPointers: false)
    }
}

extension MapType {
    /// Bytes that the data of one entry take outside its slot.
    static func heldIndirectByteCount(_ type: MapTypeRef, _ heap: Heap) -> Int {
        var byteCount = 0
        if type.pointee.hasIndirectKey {
            byteCount += heap.heldByteCount(type.pointee.keyByteCount, hasPointers: false)
        }
        if type.pointee.hasIndirectValue {
            byteCount += heap.heldByteCount(type.pointee.valueByteCount, hasPointers: false)
        }
        return byteCount
    }
}
