// Entries out and in: an iteration over the map in slices, and inserts of entries that a client sends.

import GoHeap
import GoMap

/// A key or value on its way in from a structured format.
package enum EntryScalar: Equatable, Sendable {
    case integer(Int64)
    /// A number over `Int64.max`.
    case unsigned(UInt64)
    case boolean(Bool)
    case bytes([UInt8])
    /// `struct{}`.
    case empty
}

/// The longest key and value that go in and come out one by one, in bytes.
package enum EntryLimits {
    /// As long as the longest `[N]byte`.
    package static let keyBytes = GoType.arrayCountLimit
    package static let valueBytes = 1 << 20
}

/// Some entries were inserted, and then one was not.
package struct EntryFailure: Error, Sendable {
    package var error: LabError
    /// Which entry, counted from 0.
    package var index: Int
    package var inserted: Int
    package var updated: Int
}

/// An iteration over the entries that the map had, in Go's random order, while other clients go on. If the map is
/// replaced meanwhile, it goes on over the old one, as a Go loop does. Used by one thread.
package final class EntryIteration {
    private let lab: Lab
    /// Held on to: the lab may exchange its heap meanwhile.
    private let ownedHeap: OwnedHeap
    private let iterator: ShardedIterator
    /// The map's; the map itself may be gone.
    private let type: MapTypeRef
    private var remaining: Int

    fileprivate init(lab: Lab, limit: Int) {
        self.lab = lab
        remaining = limit
        lab.lock.lock()
        ownedHeap = lab.state.pointee.ownedHeap
        let map = lab.state.pointee.map
        iterator = ShardedIterator(map)
        type = map.type
        lab.lock.unlock()
    }

    deinit {
        lab.lock.lock()
        iterator.destroy()
        // The map that it went over may have been replaced meanwhile.
        lab.state.pointee.changeCount &+= 1
        lab.lock.unlock()
    }

    package var keyType: GoType { type.name.key }
    package var valueType: GoType { type.name.value }

    /// Goes over the next entries with the lab's lock held, for about a slice.
    ///
    /// - Parameter visit: called with each key and value, which are good until it returns; must be quick. Answers whether
    ///   it takes more in this slice.
    /// - Returns: whether there may be more.
    package func next(_ visit: (_ key: Datum, _ value: Datum) -> Bool) -> Bool {
        lab.lock.letOthersIn()
        lab.lock.lock()
        defer { lab.lock.unlock() }
        let end = OperatingSystem.monotonicNanoseconds() + Lab.sliceNanoseconds
        repeat {
            for _ in 0..<16 {
                guard remaining > 0, let entry = iterator.next() else { return false }
                remaining -= 1
                if !visit(type.key(at: entry.key), type.value(at: entry.value) ?? .empty) { return remaining > 0 }
            }
        } while OperatingSystem.monotonicNanoseconds() < end
        return remaining > 0
    }
}

extension Lab {
    /// Starts to go over the entries.
    ///
    /// - Parameter limit: how many at most.
    package func iterateEntries(limit: Int = .max) -> EntryIteration {
        EntryIteration(lab: self, limit: limit)
    }

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
    /// - Returns: how many were new, and how many were there already.
    /// - Throws: `EntryFailure` at the first that does not fit; those before it stay.
    package func insert(
        _ entries: [(key: EntryScalar, value: EntryScalar)], into map: MapIdentity? = nil
    ) throws(EntryFailure) -> (inserted: Int, updated: Int) {
        var inserted = 0
        var updated = 0
        for (index, entry) in entries.enumerated() {
            do throws(LabError) {
                if try insert(entry.key, entry.value, into: map) { inserted += 1 } else { updated += 1 }
            } catch {
                throw EntryFailure(error: error, index: index, inserted: inserted, updated: updated)
            }
        }
        return (inserted, updated)
    }

    private func insert(
        _ key: EntryScalar, _ value: EntryScalar, into map: MapIdentity?
    ) throws(LabError) -> Bool {
        lock.lock()
        defer { unlock() }
        let isNew = try makingRoom { () throws(LabError) in
            if let map { try requireMap(map) }
            let name = state.pointee.map.type.name
            if state.pointee.map.isNil { throw .mapIsNil }
            return try key.withDatum(of: name.key, named: "key") { (key) throws(LabError) in
                try value.withDatum(of: name.value, named: "value") { (value) throws(LabError) in
                    let mapKey = paddedKey(key)
                    try requireRoom(for: mapKey, byteCount: key.count + value.count)
                    return state.pointee.insert(mapKey, value)
                }
            }
        }
        state.pointee.collectIfDue()
        return isNew
    }
}

extension EntryScalar {
    /// Calls `body` with the datum that this is as a value of a type.
    ///
    /// - Throws: `LabError.doesNotFit` when it is not one.
    fileprivate func withDatum<Result>(
        of type: GoType, named role: String, _ body: (Datum) throws(LabError) -> Result
    ) throws(LabError) -> Result {
        if case .bytes(let bytes) = self {
            let limit = role == "key" ? EntryLimits.keyBytes : EntryLimits.valueBytes
            if bytes.count > limit {
                throw .doesNotFit("the \(role) of \(bytes.count) bytes is longer than \(limit) bytes")
            }
        }
        switch (type, self) {
        case (.pointer(let pointee), _):
            return try withDatum(of: pointee, named: role, body)
        case (.int, .integer(let number)), (.int64, .integer(let number)):
            return try body(Datum(integer: Int(number)))
        case (.int32, .integer(let number)) where Int32(exactly: number) != nil,
            (.uint8, .integer(let number)) where UInt8(exactly: number) != nil,
            (.uint32, .integer(let number)) where UInt32(exactly: number) != nil,
            (.uint64, .integer(let number)) where number >= 0:
            return try body(Datum(integer: Int(number)))
        case (.uint64, .unsigned(let number)):
            return try body(Datum(integer: number))
        case (.bool, .boolean(let flag)):
            return try body(Datum(integer: flag ? 1 : 0))
        case (.emptyStruct, .empty):
            return try body(.empty)
        case (.string, .bytes(let bytes)), (.bytes, .bytes(let bytes)):
            return try bytes.withBorrowedDatum(body)
        case (.array(let count), .bytes(let bytes)) where bytes.count <= count:
            return try bytes.withBorrowedDatum(body)
        default:
            throw .doesNotFit("the \(role) \(description) is not \(type.withArticle)")
        }
    }

    private var description: String {
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

extension [UInt8] {
    fileprivate func withBorrowedDatum<Result>(_ body: (Datum) throws(LabError) -> Result) throws(LabError)
        -> Result
    {
        // A typed error does not pass through withUnsafeBytes, so it is carried out by hand.
        var outcome: Swift.Result<Result, LabError>?
        withUnsafeBytes { bytes in
            outcome = Swift.Result { () throws(LabError) in
                try body(Datum(bytes: bytes.baseAddress, count: bytes.count))
            }
        }
        return try outcome!.get()
    }
}
