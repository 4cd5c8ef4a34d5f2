// Bytes as a sequence of operations on a map, done to a `Dictionary` as well.
//
//     input       type, profile, range of keys, shards or generations, hint and seed (2 bytes each), then operations until the bytes end
//     operation   one byte that says which, and up to 3 bytes of operands; what is missing reads as 0
//
// Any bytes are a valid sequence, so no mutation is wasted.

import GoHeap
import GoMap
import MapSamples

/// A map, the `Dictionary` that it has to agree with, and the iterations under way.
struct OperationSequence {
    private static let types = [
        "map[int]int", "map[int32]int32", "map[int32]*int32", "map[uint64]bool", "map[int64]struct{}",
        "map[string]string", "map[string][]byte", "map[int64][129]byte", "map[[3]byte]uint8",
        "map[[8]byte]int",
        "map[[129]byte]string",
    ]
    private static let keyRanges = [9, 60, 600, 5000]
    private static let forms: [(shardCount: Int, isGenerational: Bool)] = [
        (1, false), (1, false), (4, false), (1, true),
    ]
    private static let swissProfiles: [GoProfile] = [.go1_24, .go1_27]
    private static let bucketProfiles: [GoProfile] = [.go1_10, .go1_19, .go1_23]
    /// No input makes the map larger than this by much: larger ones are only slower.
    private static let most = 6000

    private let heap: Heap
    private let type: MapTypeRef
    private let layout: MapLayout
    private let keyCount: Int
    private let form: (shardCount: Int, isGenerational: Bool)
    private var map: ShardedMap
    private var model: [Sample: Sample] = [:]
    /// Of two generations, the keys that the next rotation drops.
    private var oldKeys: Set<Sample> = []
    /// Over the shard of which a copy is being made.
    private var copying: ShardedIterator?
    private var iterations: [Iteration] = []
    /// How many maps there have been.
    private var mapNumber = 0
    private var input: ByteReader
    private var operationCount = 0

    /// Does what the bytes say; traps when the map is not what it should be.
    static func run(_ bytes: UnsafeBufferPointer<UInt8>, layout: MapLayout) {
        var sequence = OperationSequence(ByteReader(bytes), layout: layout)
        sequence.run()
        sequence.destroy()
    }

    private init(_ bytes: ByteReader, layout: MapLayout) {
        var input = bytes
        self.layout = layout
        // A literal that is known to parse, and address space that a 64-bit process has.
        type = MapType.interned(try! MapTypeName(parsing: input.choose(Self.types)))
        let profiles = layout == .swiss ? Self.swissProfiles : Self.bucketProfiles
        var configuration = HeapConfiguration(profile: input.choose(profiles))
        configuration.reservedBytes = 1 << 30
        configuration.checksMarks = true
        heap = try! Heap(configuration)
        keyCount = input.choose(Self.keyRanges)
        form = input.choose(Self.forms)
        let hint = input.number(below: keyCount)
        map = .make(
            type, hint: hint, heap: heap, seed: UInt32(input.word()), layout: layout, count: form.shardCount,
            isGenerational: form.isGenerational)
        self.input = input
    }

    private func destroy() {
        copying?.destroy()
        for iteration in iterations { iteration.iterator.destroy() }
        map.destroy()
        heap.destroy()
    }

    private mutating func run() {
        while !input.isAtEnd {
            operationCount += 1
            perform(input.byte() % 20)
            heap.collectIfDue()
        }
        check()
    }

    private mutating func perform(_ operation: UInt8) {
        switch operation {
        case 0...3: insert(nextKey())
        case 4...6: delete(nextKey())
        case 7: read(nextKey())
        case 8, 9:
            let first = nextKey()
            for number in first..<first + Int(input.byte()) where model.count < Self.most {
                insert(number % keyCount)
            }
        case 10, 11:
            let first = nextKey()
            for number in first..<first + Int(input.byte()) { delete(number % keyCount) }
        case 12: if iterations.count < 3 { iterations.append(Iteration(map, number: mapNumber, model)) }
        case 13, 14, 15:
            if !iterations.isEmpty {
                step(Int(input.byte()) % iterations.count, times: Int(input.byte()))
            }
        case 16: if !iterations.isEmpty { iterations.removeFirst().iterator.destroy() }
        case 17: _ = heap.collectSlice(budgetBytes: Int(input.byte()) << 4)
        case 18: rare(input.byte() % 12)
        default: check()
        }
    }

    /// What would make most sequences short or slow if it came often.
    private mutating func rare(_ operation: UInt8) {
        switch operation {
        case 0:
            map.clear()
            model = [:]
            oldKeys = []
            for index in iterations.indices { iterations[index].willClear() }
        case 1: replace(hint: input.number(below: keyCount), copies: false)
        case 2: replace(hint: input.number(below: keyCount), copies: true)
        case 3: heap.collect()
        case 4: heap.startForcedCycle()
        case 8, 9: if form.isGenerational { rotate() }
        case 10, 11: if form.shardCount > 1 { stepCopy(times: Int(input.byte()) + 1) }
        default: for number in 0..<keyCount where number & 7 != Int(operation) { delete(number) }
        }
    }

    // MARK: Operations

    private mutating func nextKey() -> Int { input.number(below: keyCount) }

    private mutating func insert(_ number: Int) {
        let key = Sample(number, of: type.name.key)
        let value = Sample(operationCount, of: type.name.value)
        let inserted = key.withDatum { key in value.withDatum { value in map.insert(key, value) } }
        if !isIterated { oldKeys.remove(key) }
        require(
            inserted == (model.updateValue(value, forKey: key) == nil), "insert says whether the key is new")
    }

    private mutating func delete(_ number: Int) {
        let key = Sample(number, of: type.name.key)
        let deleted = key.withDatum { map.delete($0) }
        require(deleted == (model.removeValue(forKey: key) != nil), "delete says whether the key was there")
        oldKeys.remove(key)
        for index in iterations.indices { iterations[index].willDelete(key) }
    }

    private mutating func read(_ number: Int) {
        let key = Sample(number, of: type.name.key)
        if form.isGenerational {
            let found = key.withDatum { datum in
                map.accessPromoting(datum, mayMove: { true }).map { Sample(map.value(at: $0)!, of: type.name.value) }
            }
            require(found == model[key], "an entry that becomes young keeps its value")
            if !isIterated { oldKeys.remove(key) }
        }
        require(value(of: key) == model[key], "a key has the value that was stored last")
    }

    /// Iterations go on over what they began with, about which nobody knows any more.
    private mutating func rotate() {
        map.rotate()
        for key in oldKeys { model[key] = nil }
        oldKeys = Set(model.keys)
        for index in iterations.indices { iterations[index].mapIsGone = true }
    }

    /// Goes on with the copy of a shard, or begins one.
    private mutating func stepCopy(times: Int) {
        guard let iterator = copying else {
            let shard = times % form.shardCount
            map.beginCopy(ofShard: shard)
            copying = ShardedIterator(map, shard: shard)
            return
        }
        withUnsafeTemporaryAllocation(of: MapEntry.self, capacity: times) { entries in
            let count = iterator.next(into: entries)
            map.copyToShard(UnsafeBufferPointer(rebasing: entries[..<count]))
            guard count < times else { return }
            map.finishCopyOfShard()
            iterator.destroy()
            copying = nil
            // They go on over what the shard was.
            for index in iterations.indices { iterations[index].mapIsGone = true }
        }
    }

    /// Whether an iteration over the map is under way: then no entry becomes young.
    private var isIterated: Bool { iterations.contains { $0.mapNumber == mapNumber } }

    private func value(of key: Sample) -> Sample? {
        key.withDatum { datum in
            map.access(datum).map { Sample(map.value(at: $0)!, of: type.name.value) }
        }
    }

    private mutating func step(_ index: Int, times: Int) {
        for _ in 0..<times {
            guard let entry = iterations[index].iterator.next() else {
                iterations[index].checkAtEnd()
                iterations.remove(at: index).iterator.destroy()
                return
            }
            let key = Sample(map.key(at: entry.key), of: type.name.key)
            let value = Sample(map.value(at: entry.value)!, of: type.name.value)
            if iterations[index].saw(key) {
                require(model[key] == value, "an iterator gives what the map has at that moment")
            }
        }
    }

    private mutating func replace(hint: Int, copies: Bool) {
        copying?.destroy()
        copying = nil
        map.dropCopyOfShard()
        oldKeys = []
        let fresh = ShardedMap.make(
            type, hint: hint, heap: heap, seed: UInt32(operationCount), layout: layout, count: form.shardCount,
            isGenerational: form.isGenerational)
        if copies {
            let iterator = ShardedIterator(map)
            withUnsafeTemporaryAllocation(of: MapEntry.self, capacity: 16) { entries in
                var count = 0
                repeat {
                    count = iterator.next(into: entries)
                    fresh.copyEntries(UnsafeBufferPointer(rebasing: entries[..<count]), from: map)
                } while count == entries.count
            }
            iterator.destroy()
        } else {
            model = [:]
        }
        map.destroy()
        map = fresh
        mapNumber += 1
        for index in iterations.indices { iterations[index].mapIsGone = true }
    }

    private func check() {
        require(map.count == model.count, "len is how many entries there are")
        for (key, expected) in model { require(value(of: key) == expected, "every entry is found") }
        map.checkInvariants()
        heap.checkInvariants()
    }
}

/// One `for range` under way, and what Go's specification promises about it.
private struct Iteration {
    let iterator: ShardedIterator
    /// Entries that were there when it began and have not been deleted since.
    private var throughout: Set<Sample>
    private var deleted: Set<Sample> = []
    private var seen: Set<Sample> = []
    /// The variable has another map now; the loop goes on over the old one, about which nobody knows any more.
    var mapIsGone = false

    /// Which map it goes over.
    let mapNumber: Int

    init(_ map: ShardedMap, number: Int, _ model: [Sample: Sample]) {
        mapNumber = number
        iterator = ShardedIterator(map)
        throughout = Set(model.keys)
    }

    /// - Returns: whether the entry is one of the map that the model describes.
    mutating func saw(_ key: Sample) -> Bool {
        let isNew = seen.insert(key).inserted
        require(isNew || deleted.contains(key), "no entry comes twice unless it was deleted in between")
        return !mapIsGone
    }

    mutating func willDelete(_ key: Sample) {
        deleted.insert(key)
        throughout.remove(key)
    }

    mutating func willClear() {
        deleted.formUnion(throughout)
        deleted.formUnion(seen)
        throughout = []
    }

    func checkAtEnd() {
        require(throughout.isSubset(of: seen), "every entry that is there throughout comes")
    }
}

/// Traps, in every kind of build.
private func require(_ condition: Bool, _ promise: String) {
    if !condition { fatalError("broken: \(promise)") }
}

/// The input; after its end, zeros.
private struct ByteReader {
    private var rest: Slice<UnsafeBufferPointer<UInt8>>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }
    mutating func word() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }
    mutating func number(below limit: Int) -> Int { Int(word()) % limit }
    mutating func choose<Choice>(_ choices: [Choice]) -> Choice { choices[Int(byte()) % choices.count] }
}
