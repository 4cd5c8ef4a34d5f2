// What the slots of a bucket or group hold, whatever the layout.

/// What a slot holds.
package enum SlotMark: Sendable {
    case full
    /// Empty. In a chain, so is everything after it.
    case empty
    /// Empty since a delete, where searches must go on: `emptyOne` in a bucket, a tombstone in a group.
    case deleted
    /// Its entry is in the new array.
    case evacuated
    /// Was empty when its bucket was evacuated.
    case evacuatedEmpty
}

/// The marks of one bucket or group: which slots have each, slot 0 the low bit. The others are empty.
package struct SlotMarks: Equatable, Sendable {
    package private(set) var full: UInt8 = 0
    package private(set) var deleted: UInt8 = 0
    package private(set) var evacuated: UInt8 = 0
    package private(set) var evacuatedEmpty: UInt8 = 0

    /// - Parameter mark: of each slot, from 0 to 7.
    @inline(__always)
    init(_ mark: (_ slot: Int) -> SlotMark) {
        for slot in 0..<8 {
            let bit: UInt8 = 1 << UInt8(slot)
            switch mark(slot) {
            case .full: full |= bit
            case .empty: break
            case .deleted: deleted |= bit
            case .evacuated: evacuated |= bit
            case .evacuatedEmpty: evacuatedEmpty |= bit
            }
        }
    }

    package subscript(slot: Int) -> SlotMark {
        let bit: UInt8 = 1 << UInt8(slot)
        if full & bit != 0 { return .full }
        if deleted & bit != 0 { return .deleted }
        if evacuated & bit != 0 { return .evacuated }
        return evacuatedEmpty & bit != 0 ? .evacuatedEmpty : .empty
    }

    /// Whether the chain of this bucket has been evacuated.
    package var isEvacuated: Bool { evacuated | evacuatedEmpty != 0 }
}
