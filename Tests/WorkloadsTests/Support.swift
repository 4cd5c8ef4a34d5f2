import Foundation
import GoHeap
import GoMap
import HuskLab
import Workloads

/// A lab with a map of a type, its seed fixed.
func makeLab(_ type: String, layout: MapLayout? = nil, shards: Int = 1, maxMemoryBytes: Int? = nil) throws -> Lab {
    var configuration = Lab.Configuration()
    configuration.type = try MapTypeName(parsing: type)
    configuration.layout = layout
    configuration.shards = shards
    configuration.seed = 42
    if let maxMemoryBytes { configuration.maxMemoryBytes = maxMemoryBytes }
    return try Lab(configuration)
}

/// A workload read from fields, as a client gives them.
func workload(_ kind: Workload.Kind, _ fields: KeyValuePairs<String, WorkloadValue> = [:]) throws -> Workload {
    try Workload(given: [("kind", .text(kind.rawValue))] + fields.map { ($0.key, $0.value) })
}

/// An operation that owns its bytes.
struct PlainOperation: Equatable {
    var kind: HuskLab.Operation.Kind
    var key: String
    var value: String

    init(_ operation: HuskLab.Operation, _ type: MapTypeName) {
        kind = operation.kind
        key = text(operation.key, type.key)
        value = operation.kind == .delete ? "" : text(operation.value, type.value)
    }
}

/// A key or value as a text of its own: a number, or the bytes.
func text(_ datum: Datum, _ type: GoType) -> String {
    switch type {
    case .pointer(let pointee): text(datum, pointee)
    case .string, .bytes, .array: String(decoding: datum.bytes, as: UTF8.self)
    case .int32: "\(Int32(truncatingIfNeeded: datum.word))"
    case .uint64: "\(datum.word)"
    case .uint8: "\(UInt8(truncatingIfNeeded: datum.word))"
    case .bool: datum.word & 1 == 0 ? "false" : "true"
    case .emptyStruct: ""
    default: "\(Int64(bitPattern: datum.word))"
    }
}

extension OperationSource {
    /// The operations of the round that is under way.
    ///
    /// - Parameter limit: how many are asked for at a time.
    func takeRound(
        _ type: MapTypeName, limit: Int = OperationBatch.capacity, _ each: (OperationBatch) throws -> Void = { _ in }
    ) throws -> [PlainOperation] {
        let batch = OperationBatch()
        var operations: [PlainOperation] = []
        while true {
            batch.removeAll()
            let step = try fill(batch, limit: limit, seconds: 0)
            for index in 0..<batch.count { operations.append(PlainOperation(batch[index], type)) }
            try each(batch)
            if step == .roundEnds || step == .ends { return operations }
        }
    }
}

extension Lab {
    /// Everything in the map.
    func contents() -> [String: String] {
        let iteration = iterateEntries()
        var entries: [String: String] = [:]
        var hasMore = true
        while hasMore {
            hasMore = iteration.next { key, value in
                entries[text(key, iteration.keyType)] = text(value, iteration.valueType)
                return true
            }
        }
        return entries
    }

    var count: Int { report().statistics.count }
}

/// What a map is after operations.
struct Model {
    var entries: [String: String] = [:]
    var counts = OperationCounts()

    mutating func apply(_ operation: PlainOperation) {
        let isThere = entries[operation.key] != nil
        switch operation.kind {
        case .set:
            entries[operation.key] = operation.value
            if isThere { counts.updated += 1 } else { counts.inserted += 1 }
        case .delete:
            entries[operation.key] = nil
            if isThere { counts.deleted += 1 } else { counts.absent += 1 }
        case .get, .getOrLoad:
            counts.reads += 1
            if isThere { return }
            counts.misses += 1
            if operation.kind == .get { return }
            counts.loads += 1
            entries[operation.key] = operation.value
        }
    }
}
