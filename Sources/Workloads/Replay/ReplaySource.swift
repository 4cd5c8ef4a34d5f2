// A recorded stream as the operations of a workload.
//
// | of the stream | of the map |
// |---|---|
// | get | get; one that misses loads the entry, with the size and the lifetime that were last seen of the key |
// | set | set |
// | append | set, of what was last seen of the key and what is added |
// | delete, clear | delete, clear |
// | touch | nothing but a new lifetime |
//
// Keys are borrowed from the stream for one batch, so a batch never goes beyond what the stream has read at once. When keys
// expire, those that are due by the stream's clock are deleted before the operation that moved the clock on.

import GoMap
import HuskLab
import HuskSystem
import KeyStreams

// SAFETY: used by one thread at a time: whoever opens it, then whoever runs it.
package final class ReplaySource: OperationSource, @unchecked Sendable {
    private let lab: Lab
    private let stream: KeyStream
    private let settings: ReplaySettings
    private let values: ReplayValues
    private let memory = KeyMemory()
    private var expiry: ExpiryBook?
    /// What of the lab's memory the book has.
    private var lentBytes = 0

    /// What the stream has read, and how far it has been handed out.
    private var operations: [KeyOperation] = []
    private var index = 0
    /// Operations of the stream that were handed out, and those of them in the round.
    private var count = 0
    private var roundCount = 0
    /// The stream's clock when it began, and now, in microseconds.
    private var firstMicroseconds: Int64?
    private var microseconds: Int64 = 0

    /// - Parameters:
    ///   - lab: its map has keys that are strings. What the source keeps of it is lent from it until the source goes.
    ///   - stream: nothing has been read of it.
    /// - Throws: `LabError`: the map's type does not fit, there is no room.
    package init(_ lab: Lab, _ stream: KeyStream, _ settings: ReplaySettings) throws(LabError) {
        let type = lab.currentMap().type
        guard type.key == .string else {
            throw .doesNotFit("a replay's keys are strings, and the map is a \(type): its key type must be string")
        }
        mapType = type
        self.lab = lab
        self.stream = stream
        self.settings = settings
        values = ReplayValues(type.value)
        expiry = settings.expires ? ExpiryBook() : nil
        lentBytes = stream.memoryBytes + KeyMemory.memoryBytes + ReplayValues.memoryBytes
        do throws(LabError) {
            try lab.lendMakingRoom(byteCount: lentBytes, isCancelled: { false })
        } catch {
            lentBytes = 0
            throw error
        }
    }

    deinit { lab.takeBack(byteCount: lentBytes) }

    package let mapType: MapTypeName?

    /// Reads the first operations, so that a stream that is none is found before it runs.
    package func readAhead() throws(KeyStreamError) {
        _ = try stream.next(into: &operations, atMost: settings.limit ?? .max)
    }

    package var fillsFirst: Bool { false }

    package var simulatedSeconds: Double? {
        firstMicroseconds.map { Double(microseconds - $0) / 1e6 }
    }

    package var streamTally: StreamTally? { stream.tally }

    package func fill(_ batch: OperationBatch, limit: Int, seconds: Double) throws(SourceError) -> SourceStep {
        expiry?.forgetRead()
        if index == operations.count {
            if let step = try readOn() { return step }
        }
        while batch.count < limit {
            if expireOne(into: batch) { continue }
            guard index < operations.count else { return .goesOn }
            let operation = operations[index]
            if let wait = tick(operation, seconds) { return wait }
            if expireOne(into: batch) { continue }
            index += 1
            let clears = operation.kind == .clear
            if clears { expiry?.strikeAll() } else { add(operation, to: batch) }
            count += 1
            roundCount += 1
            if count == settings.limit { return .ends }
            if clears { return .clears }
            if roundCount == ReplaySettings.roundOperations {
                roundCount = 0
                return .roundEnds
            }
        }
        return .goesOn
    }

    /// Reads the next operations of the stream.
    /// - Returns: what to say instead when there are none.
    private func readOn() throws(SourceError) -> SourceStep? {
        try lendForBook()
        // Somebody may be about to write more; whoever runs this has other things to look at.
        guard stream.isReady(withinMilliseconds: 20) else { return .goesOn }
        index = 0
        do throws(KeyStreamError) {
            return try stream.next(into: &operations, atMost: (settings.limit ?? .max) - count) ? nil : .ends
        } catch {
            operations.removeAll()
            throw SourceError(error.description)
        }
    }

    /// Moves the clock on to an operation.
    /// - Returns: when the operation is due, if that is later.
    private func tick(_ operation: KeyOperation, _ seconds: Double) -> SourceStep? {
        guard let now = operation.microseconds else { return nil }
        let first = firstMicroseconds ?? now
        firstMicroseconds = first
        if let speed = settings.speed {
            let due = Double(now - first) / 1e6 / speed
            if due > seconds { return .waits(untilSeconds: due) }
        }
        microseconds = max(microseconds, now)
        return nil
    }

    /// The stream's clock in whole seconds.
    private var second: Int64 { microseconds / 1_000_000 }

    /// Deletes a key that is due.
    private func expireOne(into batch: OperationBatch) -> Bool {
        guard let key = expiry?.next(by: second) else { return false }
        batch.append(Operation(.delete, Datum(bytes: key.baseAddress, count: key.count)))
        return true
    }

    private func add(_ operation: KeyOperation, to batch: OperationBatch) {
        let key = Datum(bytes: operation.key.baseAddress, count: operation.key.count)
        let fingerprint = KeyFingerprint(operation.key)
        switch operation.kind {
        case .get:
            if let bytes = operation.valueBytes { memory.remember(fingerprint, valueBytes: bytes) }
            if settings.loadsMisses {
                batch.append(Operation(.getOrLoad, key, values.value(byteCount: memory.valueBytes(fingerprint))))
                // One that has expired, and is loaded now, lives as long as the last time.
                if expiry?.has(fingerprint) == false, case let lifetime = memory.lifetimeSeconds(fingerprint),
                    lifetime > 0
                {
                    expiry?.enter(fingerprint, operation.key, second: second + lifetime)
                }
            } else {
                batch.append(Operation(.get, key))
            }
        case .set, .append:
            var bytes = operation.valueBytes ?? memory.valueBytes(fingerprint)
            if operation.kind == .append {
                bytes = min(bytes + (memory.knownValueBytes(fingerprint) ?? 0), KeyStream.valueBytes)
            }
            memory.remember(fingerprint, valueBytes: bytes)
            batch.append(Operation(.set, key, values.value(byteCount: bytes)))
            live(operation, fingerprint)
        case .delete:
            batch.append(Operation(.delete, key))
            expiry?.strike(fingerprint)
        case .touch: live(operation, fingerprint)
        case .clear: break
        }
    }

    /// Enters a key's new lifetime.
    private func live(_ operation: KeyOperation, _ fingerprint: KeyFingerprint) {
        guard expiry != nil else { return }
        switch operation.lifetime {
        case .unchanged: break
        case .unlimited:
            memory.remember(fingerprint, lifetimeSeconds: 0)
            expiry?.strike(fingerprint)
        case .milliseconds(let milliseconds):
            let end = (microseconds / 1000 + milliseconds + 999) / 1000
            memory.remember(fingerprint, lifetimeSeconds: max(1, (milliseconds + 999) / 1000))
            expiry?.enter(fingerprint, operation.key, second: end)
        }
    }

    /// Takes from the lab what the book has grown by.
    private func lendForBook() throws(SourceError) {
        let step = 16 << 20
        guard let expiry, case let wanted = lentFixedBytes + expiry.memoryBytes, wanted > lentBytes else { return }
        let more = (wanted - lentBytes + step - 1) / step * step
        do throws(LabError) {
            try lab.lendMakingRoom(byteCount: more, isCancelled: { false })
        } catch {
            throw SourceError("no room to remember when keys expire: \(error)")
        }
        lentBytes += more
    }

    private var lentFixedBytes: Int { stream.memoryBytes + KeyMemory.memoryBytes + ReplayValues.memoryBytes }
}
