import GoHeap
import GoMap
import Scenarios
import TestSupport
import Testing

@Suite struct ChannelTests {
    @Test("A channel is a ring: first in, first out, full at its capacity")
    func ring() throws {
        try withHeap { heap in
            let channel = GoChannel.make(.int, capacity: 5, heap: heap)
            defer { channel.destroy() }
            var next = 0
            for round in 0..<100 {
                var sent = 0
                while channel.send(Datum(integer: round * 10 + sent)) { sent += 1 }
                #expect(channel.count == 5)
                for _ in 0..<(1 + round % 5) { #expect(channel.receive { next = Int($0.word) }) }
                #expect(next <= round * 10 + 5)
            }
            while channel.receive() {}
            #expect(channel.count == 0 && channel.capacity == 5)
            channel.send(Datum(integer: 7))
            channel.receive { next = Int($0.word) }
            #expect(next == 7)
            channel.setNil()
            #expect(!channel.send(Datum(integer: 1)) && !channel.receive())
        }
    }

    @Test(
        "Elements without pointers lie in the header's object, others in a buffer of their own, as in Go",
        // 104 bytes of hchan since Go 1.23, 96 before; 1,000 elements.
        arguments: [
            (GoProfile.go1_19, GoType.int, 8_192, 1), (.go1_23, .int, 8_192, 1),
            (.go1_19, .string, 96 + 16_384, 2),
            (.go1_23, .string, 112 + 16_384, 2), (.go1_23, .emptyStruct, 112, 1),
        ])
    func layout(profile: GoProfile, type: GoType, heapAlloc: Int, objects: Int) throws {
        try withHeap(configuration: HeapConfiguration(profile: profile)) { heap in
            let channel = GoChannel.make(type, capacity: 1_000, heap: heap)
            defer { channel.destroy() }
            #expect(heap.readMemStats().heapAlloc == heapAlloc)
            #expect(heap.readMemStats().heapObjects == objects)
        }
    }

    @Test("What is sent lives until it is received, and a drained channel keeps only its buffer")
    func liveness() throws {
        var configuration = HeapConfiguration()
        configuration.checksMarks = true
        try withHeap(configuration: configuration) { heap in
            let channel = GoChannel.make(.bytes, capacity: 100, heap: heap)
            defer { channel.destroy() }
            let empty = heap.readMemStats().heapAlloc
            let text = [UInt8](repeating: 65, count: 1_000)
            for _ in 0..<100 {
                text.withUnsafeBytes { _ = channel.send(Datum(bytes: $0.baseAddress, count: $0.count)) }
            }
            heap.startForcedCycle()  // received from while the cycle marks
            for _ in 0..<50 {
                channel.receive { #expect($0.address!.load(as: UInt8.self) == 65 && $0.count == 1_000) }
            }
            heap.collect()
            #expect(heap.readMemStats().heapAlloc == empty + 50 * 1_024)
            while channel.receive() {}
            heap.collect()
            #expect(heap.readMemStats().heapAlloc == empty)
            channel.setNil()
            heap.collect()
            #expect(heap.readMemStats().heapAlloc == 0)
        }
    }

    @Test("An element of a channel is as a value of a map")
    func channels() throws {
        for (type, expected) in [(GoType.string, [0, 0, 1]), (.bytes, [0, 1, 1])] {
            let heap = try Heap()
            defer { heap.destroy() }
            let channel = GoChannel.make(type, capacity: 4, heap: heap)
            defer { channel.destroy() }
            for (text, count) in zip(["", "e", "ee"], expected) {
                let before = heap.readMemStats().mallocs
                #expect(
                    Array(text.utf8).withUnsafeBytes {
                        channel.send(Datum(bytes: $0.baseAddress, count: $0.count))
                    })
                #expect(heap.readMemStats().mallocs - before == count)
            }
        }
    }
}
