import Foundation
import GoHeap
import GoMap
import HuskLab
import HuskSystem

/// A lab with a map of a type, its seed fixed.
func makeLab(
    _ type: String, hint: Int = 0, layout: MapLayout? = nil, shards: Int = 1, maxMemoryBytes: Int? = nil
) throws -> Lab {
    var configuration = Lab.Configuration()
    configuration.type = try MapTypeName(parsing: type)
    configuration.hint = hint
    configuration.layout = layout
    configuration.shards = shards
    configuration.seed = 42
    if let maxMemoryBytes { configuration.maxMemoryBytes = maxMemoryBytes }
    return try Lab(configuration)
}

/// A range of keys from 0.
func range(_ count: Int, step: Int = 1, _ distribution: KeyRange.Distribution = .sequential) -> KeyRange {
    range(count, from: 0, step: step, distribution)
}

/// A range of keys.
func range(
    _ count: Int, from: some BinaryInteger, step: Int = 1, _ distribution: KeyRange.Distribution = .sequential
) -> KeyRange {
    var range = KeyRange()
    range.count = count
    range.from = Int128(from)
    range.step = step
    range.distribution = distribution
    return range
}

extension Lab {
    func get(_ key: String) -> String? {
        var output = ByteBuffer()
        guard case .found = key.utf8Bytes({ get($0, into: &output) }) else { return nil }
        return String(decoding: output.bytes, as: UTF8.self)
    }

    func put(_ key: String, _ value: String) -> PutOutcome {
        key.utf8Bytes { key in value.utf8Bytes { put(key, $0) } }
    }

    func putMakingRoom(_ key: String, _ value: String) -> PutOutcome {
        key.utf8Bytes { key in value.utf8Bytes { putMakingRoom(key, $0) } }
    }

    func delete(_ key: String) -> DeleteOutcome { key.utf8Bytes { delete($0) } }

    var count: Int { report().statistics.count }
}

extension String {
    func utf8Bytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

/// Waits up to ten seconds for `condition`; answers whether it came true.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<1_000 {
        if condition() { return true }
        usleep(10_000)
    }
    return false
}
