// A model of the heap to compare with: every object by address, with its size, its filling, and what it points to.

import Foundation
import GoHeap
import TestSupport

/// A heap with one array of roots, and beside it what each reachable object must look like.
///
/// An object is `[pointer words][bytes]`: some words that point to other objects or are nil, then a filling.
final class ShadowHeap {
    struct Object {
        let address: UnsafeMutableRawPointer
        let byteCount: Int
        let pointerWords: Int
        let filling: UInt8
        var targets: [UnsafeMutableRawPointer?]
    }

    let heap: Heap
    let roots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    let rootCount = 64
    private(set) var objects: [UnsafeMutableRawPointer: Object] = [:]

    init(_ configuration: HeapConfiguration) throws {
        heap = try Heap(configuration)
        roots = .allocate(capacity: rootCount)
        roots.initialize(repeating: nil, count: rootCount)
        heap.addRoots(roots, count: rootCount)
    }

    deinit {
        heap.removeRoots(roots)
        roots.deallocate()
        heap.destroy()
    }

    /// Allocates an object, fills it, and puts it into a root; checks that its memory was zero where it had to be.
    func allocate(byteCount: Int, pointerWords: Int, root: Int, filling: UInt8) {
        let address: UnsafeMutableRawPointer
        if pointerWords == 0 {
            address = heap.allocateBytes(byteCount)
        } else {
            address = heap.allocate(
                ObjectType.interned(byteCount: byteCount, pointerWords: Array(0..<pointerWords)))
            for byte in 0..<byteCount {
                precondition(
                    address.load(fromByteOffset: byte, as: UInt8.self) == 0, "a new object is not zero")
            }
        }
        // A live object's address that is handed out again shows as a changed filling.
        memset(address + pointerWords * 8, Int32(filling), byteCount - pointerWords * 8)
        roots[root] = address
        objects[address] = Object(
            address: address, byteCount: byteCount, pointerWords: pointerWords, filling: filling,
            targets: Array(repeating: nil, count: pointerWords))
    }

    /// Makes an object point to another one (or to nil), as an operation between two slices of a cycle would.
    func link(_ source: UnsafeMutableRawPointer, word: Int, to target: UnsafeMutableRawPointer?) {
        heap.storePointer(target, at: source + word * 8)
        objects[source]!.targets[word] = target
    }

    /// Forgets what the roots do not lead to, and checks that everything else is as it was left.
    func verifyReachable() {
        var live: [UnsafeMutableRawPointer: Object] = [:]
        var queue = (0..<rootCount).compactMap { roots[$0] }
        while let address = queue.popLast() {
            guard live[address] == nil else { continue }
            let object = objects[address]!
            live[address] = object
            precondition(
                object.byteCount == 0 || heap.isAllocatedObject(address),
                "a reachable object is not allocated")
            for (word, target) in object.targets.enumerated() {
                let stored = (address + word * 8).load(as: UnsafeMutableRawPointer?.self)
                precondition(stored == target, "a pointer in a reachable object has changed")
                if let target { queue.append(target) }
            }
            for byte in object.pointerWords * 8..<object.byteCount {
                precondition(
                    address.load(fromByteOffset: byte, as: UInt8.self) == object.filling,
                    "the filling of a reachable object has changed")
            }
        }
        objects = live
    }
}
