// Entries in: inserts of entries that a client sends, in slices.

import GoHeap
import GoMap
import HuskSystem

/// Some entries were inserted, and then one was not.
package struct EntryFailure: Error, Sendable {
    package var error: LabError
    /// Which entry, counted from 0.
    package var index: Int
    package var inserted: Int
    package var updated: Int
}

extension Lab {
    /// The map that there is: what an import into it is to go on with.
    package func currentMap() -> MapIdentity {
        lock.lock()
        defer { lock.unlock() }
        return mapIdentity
    }

    /// `m[k] = v` for entries that a client sent, in order, in slices.
    ///
    /// - Parameters:
    ///   - entries: which.
    ///   - map: the map that those before them went into, which this must still be; nil for the first of an import.
    ///   - isCancelled: asked while there is no room; between two calls whoever calls may ask.
    /// - Returns: how many were new, and how many were there already.
    /// - Throws: `EntryFailure` at the first that does not fit; those before it stay.
    package func insert(
        _ entries: [Entry], into map: MapIdentity? = nil, isCancelled: () -> Bool = { false }
    ) throws(EntryFailure) -> (inserted: Int, updated: Int) {
        var counts = (inserted: 0, updated: 0)
        var index = 0
        var failure: LabError?
        lock.lock()
        while index < entries.count && failure == nil {
            let sliceEnd = monotonicNanoseconds() + Self.sliceNanoseconds
            repeat {
                do throws(LabError) {
                    try makingRoom(isCancelled: isCancelled) { () throws(LabError) in
                        if let map { try requireMap(map) }
                        try insertBatch(entries, from: &index, &counts)
                    }
                } catch {
                    failure = error
                }
            } while failure == nil && index < entries.count
                && monotonicNanoseconds() < sliceEnd
            unlock()
            lock.letOthersIn()
            lock.lock()
        }
        unlock()
        if let failure {
            throw EntryFailure(
                error: failure, index: index, inserted: counts.inserted, updated: counts.updated)
        }
        return counts
    }

    /// Inserts the next few entries, with the lock held; as for ranges (`runBatch`), their buckets are fetched together.
    ///
    /// - Parameter index: of the first; moves on past each that is done.
    private func insertBatch(
        _ entries: [Entry], from index: inout Int, _ counts: inout (inserted: Int, updated: Int)
    ) throws(LabError) {
        let map = state.pointee.map
        if map.isNil { throw .mapIsNil }
        let (keyType, valueType) = (map.type.name.key, map.type.name.value)
        let start = index
        let end = min(start + Self.batchKeys, entries.count)
        var hashes = BatchHashes(repeating: KeyHash())
        let isFetchedAhead = map.isWorthPrefetching
        if isFetchedAhead {
            for place in 0..<(end &- start) {
                // One that does not fit is found when it is its turn.
                guard let key = keyType.datum(from: entries[start &+ place].key) else { continue }
                hashes[place] = map.hash(paddedKey(key))
                map.prefetch(hash: hashes[place])
            }
        }
        while index < end {
            let entry = entries[index]
            guard let key = keyType.datum(from: entry.key, limitBytes: EntryLimits.keyBytes) else {
                throw .doesNotFit("the key \(keyType.misfit(entry.key, limitBytes: EntryLimits.keyBytes))")
            }
            guard let value = valueType.datum(from: entry.value, limitBytes: EntryLimits.valueBytes) else {
                throw .doesNotFit(
                    "the value \(valueType.misfit(entry.value, limitBytes: EntryLimits.valueBytes))")
            }
            let mapKey = paddedKey(key)
            try requireRoom(for: mapKey, byteCount: key.count &+ value.count)
            if state.pointee.insert(mapKey, hash: isFetchedAhead ? hashes[index &- start] : nil, value) {
                counts.inserted &+= 1
            } else {
                counts.updated &+= 1
            }
            index &+= 1
            collectIfDue()
        }
    }
}

extension GoType {
    /// - Returns: a scalar as a datum of this type; nil when it is not one, or longer than `limitBytes`.
    fileprivate func datum(from scalar: EntryScalar, limitBytes: Int = .max) -> Datum? {
        switch (self, scalar) {
        case (.pointer(let pointee), _):
            return pointee.datum(from: scalar, limitBytes: limitBytes)
        case (.int, .integer(let number)), (.int64, .integer(let number)):
            return Datum(integer: Int(number))
        case (.int32, .integer(let number)) where Int32(exactly: number) != nil,
            (.uint8, .integer(let number)) where UInt8(exactly: number) != nil,
            (.uint32, .integer(let number)) where UInt32(exactly: number) != nil,
            (.uint64, .integer(let number)) where number >= 0:
            return Datum(integer: Int(number))
        case (.uint64, .unsigned(let number)):
            return Datum(integer: number)
        case (.bool, .boolean(let flag)):
            return Datum(integer: flag ? 1 : 0)
        case (.emptyStruct, .empty):
            return .empty
        case (.string, .bytes(let bytes)) where bytes.count <= limitBytes,
            (.bytes, .bytes(let bytes)) where bytes.count <= limitBytes:
            return Datum(bytes: bytes.baseAddress, count: bytes.count)
        case (.array(let count), .bytes(let bytes)) where bytes.count <= min(count, limitBytes):
            return Datum(bytes: bytes.baseAddress, count: bytes.count)
        default:
            return nil
        }
    }

    /// Why there is no datum of this type: to follow "the key " or "the value ".
    fileprivate func misfit(_ scalar: EntryScalar, limitBytes: Int) -> String {
        if case .bytes(let bytes) = scalar, bytes.count > limitBytes {
            return "of \(bytes.count) bytes is longer than \(limitBytes) bytes"
        }
        return "\(scalar.description) is not \(withArticle)"
    }
}

extension EntryScalar {
    fileprivate var description: String {
        switch self {
        case .integer(let number): "\(number)"
        case .unsigned(let number): "\(number)"
        case .boolean(let flag): "\(flag)"
        case .bytes(let bytes):
            bytes.count <= 80 ? "'\(String(decoding: bytes, as: UTF8.self))'" : "of \(bytes.count) bytes"
        case .empty: "{}"
        }
    }
}
