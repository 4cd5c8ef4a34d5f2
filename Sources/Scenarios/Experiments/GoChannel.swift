// A buffered channel over Go's heap. It lies here, not beside the maps: one scenario is all that uses it.
//
//     let channel = GoChannel.make(.string, capacity: 1_000, heap: heap)
//     defer { channel.destroy() }
//     channel.send(Datum(bytes: text, count: 5))              // select { case c <- text: default: }
//     channel.receive { print($0.count) }                     // select { case v := <-c: default: }
//
// What Go's `makechan` lays out (runtime/chan.go), with the header's first fields where Go has them:
//
//     header   qcount | dataqsiz | buf | … | sendx | recvx | …      96 to 112 bytes, by profile
//     buffer   a ring of `dataqsiz` elements; [recvx, recvx + qcount) are taken
//
// Elements without pointers lie behind the header, in one object that the collector does not look into. With pointers
// the buffer is an object of its own, and a slot is cleared when it is received from: what was sent lives no longer
// than its receiver wants it. The buffer stays as large as it was made, like a map's buckets; but what the elements pointed
// to goes.
//
// Sending to a full channel and receiving from an empty one answer false: nobody waits here.
//
// Lock: as GoMap's. One thread at a time uses a channel and its heap.

import GoHeap
import GoMap

/// A handle on one channel, like a Go variable of channel type: copies mean the same variable.
package struct GoChannel {
    // SAFETY: one allocation outside the heap, from `make` to `destroy`; its first word is a root.
    private let state: UnsafeMutablePointer<State>

    private struct State {
        /// The channel; nil for a nil channel.
        var header: UnsafeMutableRawPointer?
        let type: GoType
        let elementType: ObjectTypeRef
        let heap: Heap
    }

    /// Where the fields of the header are, in bytes.
    private enum Field {
        static let count = 0
        static let capacity = 8
        static let buffer = 16
        static let sendIndex = 40
        static let receiveIndex = 48
    }

    // MARK: Life

    /// `make(chan T, capacity)`.
    ///
    /// - Parameters:
    ///   - type: of the elements: anything but a `*T`.
    ///   - capacity: how many it holds, 0 or more.
    ///   - heap: where it lives; it must outlive the handle.
    /// - Returns: a handle, which must be destroyed.
    package static func make(_ type: GoType, capacity: Int, heap: Heap) -> GoChannel {
        if case .pointer = type { preconditionFailure("a channel of pointers is not built") }
        precondition(capacity >= 0, "a channel holds 0 or more elements")
        let elementType = type.objectType
        let headerBytes = heap.profile.channelHeaderBytes
        let bufferBytes = type.byteCount * capacity
        let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
        state.initialize(to: State(header: nil, type: type, elementType: elementType, heap: heap))
        // SAFETY: the header pointer is the state's first word, and the state stays where it is until `destroy`.
        heap.addRoots(
            UnsafeMutableRawPointer(state).assumingMemoryBound(to: UnsafeMutableRawPointer?.self), count: 1)
        let header: UnsafeMutableRawPointer
        if type.hasPointers && bufferBytes > 0 {
            header = heap.allocate(
                ObjectType.interned(byteCount: headerBytes, pointerWords: [Field.buffer / 8]))
            heap.storePointer(heap.allocateArray(elementType, count: capacity), at: header + Field.buffer)
        } else {
            header = heap.allocateArray(ObjectType.interned(byteCount: 1), count: headerBytes + bufferBytes)
            header.storeBytes(
                of: header + headerBytes, toByteOffset: Field.buffer, as: UnsafeMutableRawPointer.self)
        }
        header.storeBytes(of: capacity, toByteOffset: Field.capacity, as: Int.self)
        state.pointee.header = header
        return GoChannel(state: state)
    }

    /// `c = nil`: the channel is garbage. Nothing can be sent to a nil channel or received from it.
    package func setNil() { state.pointee.header = nil }

    /// Ends the handle, and the channel with it.
    package func destroy() {
        // SAFETY: as in `make`.
        state.pointee.heap.removeRoots(
            UnsafeMutableRawPointer(state).assumingMemoryBound(to: UnsafeMutableRawPointer?.self))
        state.deinitialize(count: 1)
        state.deallocate()
    }

    // MARK: What it is

    package var isNil: Bool { state.pointee.header == nil }
    /// `len(c)`.
    package var count: Int { field(Field.count) }
    /// `cap(c)`.
    package var capacity: Int { field(Field.capacity) }

    // MARK: Sending and receiving

    /// Sends a copy of an element.
    ///
    /// - Returns: false when the channel is full or nil.
    @discardableResult
    package func send(_ element: Datum) -> Bool {
        guard let header = state.pointee.header, count < capacity else { return false }
        let index = field(Field.sendIndex)
        // In the order of Go's compiler: the bytes are made before the slot is written. No collection runs in between.
        store(element, at: slot(header, index))
        advance(header, Field.sendIndex, from: index)
        header.storeBytes(of: count + 1, toByteOffset: Field.count, as: Int.self)
        return true
    }

    /// Receives the oldest element.
    ///
    /// - Parameter body: gets the element, which borrows from the heap and is good until `body` returns.
    /// - Returns: false when the channel is empty or nil.
    @discardableResult
    package func receive(_ body: (Datum) -> Void = { _ in }) -> Bool {
        guard let header = state.pointee.header, count > 0 else { return false }
        let index = field(Field.receiveIndex)
        let address = slot(header, index)
        body(load(from: address))
        state.pointee.heap.clearTyped(state.pointee.elementType, at: address)
        advance(header, Field.receiveIndex, from: index)
        header.storeBytes(of: count - 1, toByteOffset: Field.count, as: Int.self)
        return true
    }

    // MARK: The ring

    private func field(_ offset: Int) -> Int {
        state.pointee.header?.load(fromByteOffset: offset, as: Int.self) ?? 0
    }

    private func slot(_ header: UnsafeMutableRawPointer, _ index: Int) -> UnsafeMutableRawPointer {
        header.load(fromByteOffset: Field.buffer, as: UnsafeMutableRawPointer.self) + index
            * state.pointee.type.byteCount
    }

    private func advance(_ header: UnsafeMutableRawPointer, _ offset: Int, from index: Int) {
        header.storeBytes(of: index + 1 == capacity ? 0 : index + 1, toByteOffset: offset, as: Int.self)
    }

    private func store(_ element: Datum, at slot: UnsafeMutableRawPointer) {
        let type = state.pointee.type
        switch type {
        case .string: state.pointee.heap.storeString(element, at: slot)
        case .bytes: state.pointee.heap.storeSlice(element, at: slot)
        case .array(let byteCount):
            precondition(element.count <= byteCount, "an array takes at most as many bytes as it has")
            slot.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
            if let source = element.address { slot.copyMemory(from: source, byteCount: element.count) }
        case .int, .int64, .uint64: slot.storeBytes(of: element.word, as: UInt64.self)
        case .int32, .uint32: slot.storeBytes(of: UInt32(truncatingIfNeeded: element.word), as: UInt32.self)
        case .uint8, .bool: slot.storeBytes(of: UInt8(truncatingIfNeeded: element.word), as: UInt8.self)
        case .emptyStruct: break
        case .pointer: preconditionFailure("a channel of pointers is not built")
        }
    }

    private func load(from slot: UnsafeMutableRawPointer) -> Datum {
        switch state.pointee.type {
        case .string, .bytes:
            Datum(
                bytes: slot.load(as: UnsafeRawPointer?.self),
                count: slot.load(fromByteOffset: 8, as: Int.self))
        case .array(let byteCount): Datum(bytes: slot, count: byteCount)
        case .int, .int64, .uint64: Datum(integer: slot.load(as: UInt64.self))
        case .int32, .uint32: Datum(integer: UInt64(slot.load(as: UInt32.self)))
        case .uint8, .bool: Datum(integer: UInt64(slot.load(as: UInt8.self)))
        case .emptyStruct: .empty
        case .pointer: preconditionFailure("a channel of pointers is not built")
        }
    }
}
