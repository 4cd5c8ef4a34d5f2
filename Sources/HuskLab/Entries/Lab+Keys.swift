// One key at a time: `m[k]`, `m[k] = v`, `delete(m, k)`. The hot path: no String, Array, closure or existential on it.

import GoHeap
import GoMap
import HuskSystem

extension Lab {
    package enum GetOutcome: Equatable, Sendable {
        /// The value's text was appended: a number, `true` or `false` if `isText`, else raw bytes.
        case found(isText: Bool)
        case missing, keyDoesNotFit
    }
    package enum PutOutcome: Equatable, Sendable {
        case inserted, updated, mapIsNil, keyDoesNotFit, valueDoesNotFit, conditionFails
        /// There is no room, and nothing that a collection could free.
        case noRoom
        /// There is no room before a collection, which is not for a thread that others wait for: `putMakingRoom`.
        case collectionNeeded
    }
    package enum DeleteOutcome: Equatable, Sendable { case deleted, missing, keyDoesNotFit, conditionFails }

    /// On what a change depends; looked at under the same lock as the change is made.
    package enum KeyCondition: Sendable {
        case always, ifPresent, ifAbsent, never

        @inline(__always)
        fileprivate func holds(isPresent: Bool) -> Bool {
            switch self {
            case .always: true
            case .ifPresent: isPresent
            case .ifAbsent: !isPresent
            case .never: false
            }
        }
    }

    /// `v, ok := m[key]`.
    ///
    /// - Parameters:
    ///   - key: as the wire has it, percent escapes decoded.
    ///   - output: gets the value's text appended.
    package func get(_ key: UnsafeRawBufferPointer, into output: inout ByteBuffer) -> GetOutcome {
        lock.lock()
        defer { lock.unlock() }
        let map = state.pointee.map
        guard let key = mapKey(from: key) else { return .keyDoesNotFit }
        if map.isGenerational { return getPromoting(key, into: &output) }
        guard let slot = map.access(key) else { return .missing }
        let codec = map.type.pointee.valueText
        codec.append(map.value(at: slot), to: &output)
        return .found(isText: codec.isText)
    }

    /// `m[key] = value`, with key and value made anew in the heap, as a Go server that reads a request makes them.
    package func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> PutOutcome {
        putIf(.always, key, value)
    }

    /// The same if a condition holds.
    @inline(never)
    package func put(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, if condition: KeyCondition
    ) -> PutOutcome { putIf(condition, key, value) }

    // PERF: compiled into both, so that the first has no condition in it.
    @inline(__always)
    private func putIf(
        _ condition: KeyCondition, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) -> PutOutcome {
        lock.lock()
        defer { unlock() }
        let map = state.pointee.map
        guard let key = mapKey(from: key) else { return .keyDoesNotFit }
        guard let value = map.type.pointee.valueText.datum(from: value) else { return .valueDoesNotFit }
        if map.isNil { return .mapIsNil }
        if condition != .always, !condition.holds(isPresent: map.access(key) != nil) { return .conditionFails }
        guard hasRoom(for: key, byteCount: key.count + value.count) else {
            return mayHaveGarbage ? .collectionNeeded : .noRoom
        }
        let isNew = state.pointee.insert(key, value)
        collectIfDue()
        return isNew ? .inserted : .updated
    }

    /// The same after a collection in slices, on a thread that may take its time.
    package func putMakingRoom(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, if condition: KeyCondition = .always
    ) -> PutOutcome {
        lock.lock()
        collectForRoom()
        unlock()
        let outcome = put(key, value, if: condition)
        return outcome == .collectionNeeded ? .noRoom : outcome
    }

    /// `delete(m, key)`.
    package func delete(_ key: UnsafeRawBufferPointer) -> DeleteOutcome {
        lock.lock()
        defer { unlock() }
        guard let key = mapKey(from: key) else { return .keyDoesNotFit }
        let wasThere = state.pointee.delete(key)
        collectIfDue()
        return wasThere ? .deleted : .missing
    }

    /// The same if a condition holds. A key that is not there is missing, whatever the condition.
    @inline(never)
    package func delete(_ key: UnsafeRawBufferPointer, if condition: KeyCondition) -> DeleteOutcome {
        lock.lock()
        defer { unlock() }
        guard let key = mapKey(from: key) else { return .keyDoesNotFit }
        guard state.pointee.map.access(key) != nil else { return .missing }
        guard condition.holds(isPresent: true) else { return .conditionFails }
        _ = state.pointee.delete(key)
        collectIfDue()
        return .deleted
    }

    /// Why a key does not fit the map's type, in words.
    package func misfit(ofKey key: UnsafeRawBufferPointer) -> String {
        lock.lock()
        defer { lock.unlock() }
        return "the key " + state.pointee.map.type.name.key.misfit(key)
    }

    /// Why a value does not fit the map's type, in words.
    package func misfit(ofValue value: UnsafeRawBufferPointer) -> String {
        lock.lock()
        defer { lock.unlock() }
        return "the value " + state.pointee.map.type.name.value.misfit(value)
    }
}

extension Lab {
    // PERF: methods of the lab's, not of its state: for those all of the state would be copied first, 200 of the 750
    // instructions of a GET.

    /// Reads a key, with the lock held; `[N]byte` is padded with zeros in memory of the lab's own, good until the next key.
    @inline(__always)
    func mapKey(from text: UnsafeRawBufferPointer) -> Datum? {
        guard let key = state.pointee.map.type.pointee.keyText.datum(from: text) else { return nil }
        return paddedKey(key)
    }

    /// A key of the map's type: `[N]byte` padded, any other as it is.
    @inline(__always)
    func paddedKey(_ key: Datum) -> Datum {
        let codec = state.pointee.map.type.pointee.keyText
        guard codec.isPadded else { return key }
        return Self.padded(key, toBytes: codec.byteCount, in: state.pointee.keyScratch)
    }

    private static func padded(
        _ key: Datum, toBytes count: Int, in scratch: UnsafeMutableRawBufferPointer
    ) -> Datum {
        scratch.copyMemory(from: key.bytes)
        _ = UnsafeMutableRawBufferPointer(rebasing: scratch[key.count..<count]).initializeMemory(
            as: UInt8.self, repeating: 0)
        return Datum(bytes: scratch.baseAddress, count: count)
    }
}

extension LabState {
    /// Inserts into the map, and into its copy while one is being made. The map must not be nil, and there be room.
    ///
    /// - Parameter hash: of the key, if it is at hand.
    @inline(__always)
    mutating func insert(_ key: Datum, hash: KeyHash? = nil, _ value: Datum) -> Bool {
        let isNew = if let hash { map.insert(key, hash: hash, value) } else { map.insert(key, value) }
        otherChangeCount &+= 1
        if let copyTarget {
            copyTarget.insert(key, value)
            migrate()
        }
        return isNew
    }

    /// - Parameter hash: of the key, if it is at hand.
    @inline(__always)
    mutating func delete(_ key: Datum, hash: KeyHash? = nil) -> Bool {
        let wasThere = if let hash { map.delete(key, hash: hash) } else { map.delete(key) }
        if wasThere { deleteCount &+= 1 }
        if let copyTarget {
            copyTarget.delete(key)
            migrate()
        }
        return wasThere
    }
}
